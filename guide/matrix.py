"""The matrix: what each snippet did on each series with each driver, as data."""

import contextlib
import csv
import functools
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from guide.project import Project
from guide.runs import Run
from guide.snippets import Snippet, all_snippets
from guide.tracebacks import error_classes

PASSES = "passes"
DOES_NOT_REPRODUCE = "does not reproduce"


class Case(NamedTuple):
    """One run of the matrix."""

    slug: str
    file: str
    series: str
    driver: str


Outcomes = Mapping[Case, str]
Versions = Mapping[str, str]


def case(snippet: Snippet, series: str, driver: str) -> Case:
    return Case(snippet.slug, snippet.path.name, series, driver)


def all_cases(project: Project) -> set[Case]:
    """What has to be in the matrix."""
    return {
        case(snippet, series, driver)
        for snippet in all_snippets(project)
        for series in project.series
        for driver in snippet.drivers
    }


def problems(project: Project) -> list[str]:
    """What to do about each row that is missing, and each of what is not run."""
    recorded, name = recorded_outcomes(project), project.name(outcomes_file(project))
    return [
        f"{name}: the row {','.join(case)} "
        f"{'has to go: no snippet is run so' if case in recorded else 'is missing'}; `make matrix`"
        for case in sorted(all_cases(project) ^ recorded.keys())
    ]


def outcome(snippet: Snippet, series: str, run: Run) -> str:
    """What a run without problems comes to: a class, with what it wraps in brackets, or one of the two phrases."""
    if not snippet.must_fail:
        return PASSES
    if run.status == 0:
        warned = (mark for mark in snippet.marks_on(series) if mark.kind == "warns" and mark.promise in run.stderr)
        return next((mark.category for mark in warned), DOES_NOT_REPRODUCE)
    outer, *inner = error_classes(run.stderr, snippet.path)
    return f"{outer} ({inner[0]})" if inner and inner[0] != outer else outer


def outcomes_file(project: Project) -> Path:
    return project.snippets / "matrix.csv"


def versions_file(project: Project) -> Path:
    return project.snippets / "versions.csv"


@functools.cache
def recorded_outcomes(project: Project) -> Outcomes:
    return {Case(*row[:-1]): row[-1] for row in _read(outcomes_file(project))}


def recorded_versions(project: Project) -> Versions:
    return dict(_read(versions_file(project)))


def as_csv(outcomes: Outcomes) -> str:
    return _csv(("slug", "file", "series", "driver", "outcome"), ((*case, outcomes[case]) for case in outcomes))


def versions_as_csv(versions: Versions) -> str:
    return _csv(("name", "version"), versions.items())


def _read(path: Path) -> list[list[str]]:
    with contextlib.suppress(FileNotFoundError), path.open(newline="") as file:
        return list(csv.reader(file))[1:]
    return []


def _csv(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *sorted(rows)])
    return text.getvalue()
