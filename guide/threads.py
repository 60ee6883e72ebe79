"""The public threads about these errors that were read: which page answers each, and so how often a cause is met."""

import collections
import csv
from pathlib import Path

from guide.project import Project

MISSING_GREENLET = "MissingGreenlet"


def threads(project: Project) -> list[dict[str, str]]:
    """The rows of threads.csv: the `page` that answers a thread, the `error` that it is about, and its `url`."""
    with (project.root / "threads.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def times_met(project: Project) -> collections.Counter[str]:
    """How many threads about MissingGreenlet each page answers, by its path without `.md`."""
    return collections.Counter(one["page"] for one in threads(project) if one["error"] == MISSING_GREENLET)


def order(project: Project) -> list[str]:
    """All entries, those first that are met most, and otherwise as guide.toml has them."""
    met = _met(project)
    return sorted(project.data["paste-box"]["order"], key=lambda slug: -met[slug])


def most_met(project: Project) -> list[str]:
    """The causes that the home page and the paste box name first."""
    met = _met(project)
    return [slug for slug in order(project) if met[slug]][: project.data["home"]["most-met"]]


def _met(project: Project) -> collections.Counter[str]:
    return collections.Counter({Path(page).name: times for page, times in times_met(project).items()})
