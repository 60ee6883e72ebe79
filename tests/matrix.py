"""The matrix: what each snippet did on each series with each driver, as data and as the tables of the pages."""

import collections
import contextlib
import csv
import functools
import io
import os
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from pages import all_pages
from project import DRIVERS, SERIES, SNIPPETS
from recordings import error_classes
from runner import Run
from snippets import Mark, Snippet, all_snippets

MATRIX = SNIPPETS / "matrix.csv"
VERSIONS = SNIPPETS / "versions.csv"
TABLE = SNIPPETS / "matrix.md"
PASSES = "passes"
DOES_NOT_REPRODUCE = "does not reproduce"
SERVERS = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MariaDB"}


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


def all_cases() -> set[Case]:
    """What has to be in the matrix."""
    snippets = all_snippets()
    return {case(snippet, series, driver) for snippet in snippets for series in SERIES for driver in snippet.drivers}


def outcome(snippet: Snippet, series: str, run: Run) -> str:
    """What a run without problems comes to: a class, with what it wraps in brackets, or one of the two phrases."""
    if not snippet.must_fail:
        return PASSES
    if run.status == 0:
        warned = next((mark for mark in snippet.marks if _warned(mark, series, run)), None)
        return warned.category if warned else DOES_NOT_REPRODUCE
    outer, *inner = error_classes(run.stderr, snippet.path)
    return f"{outer} ({inner[0]})" if inner and inner[0] != outer else outer


def _warned(mark: Mark, series: str, run: Run) -> bool:
    return mark.kind == "warns" and mark.series in (None, series) and mark.promise in run.stderr


@functools.cache
def recorded_outcomes() -> dict[Case, str]:
    return {Case(*row[:-1]): row[-1] for row in _read(MATRIX)}


def recorded_versions() -> dict[str, str]:
    return dict(_read(VERSIONS))


def record(outcomes: Outcomes, versions: Versions) -> None:
    """Take over what was run and keep the rest, in all files or in none. Raises OSError if they cannot be written."""
    kept = recorded_outcomes() | outcomes
    files = texts({case: kept[case] for case in kept.keys() & all_cases()}, recorded_versions() | versions)
    written = {path: path.with_name(f"{path.name}.new") for path in files}
    try:
        for path, new in written.items():
            new.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(files[path])
        for path, new in written.items():
            os.replace(new, path)
    finally:
        for new in written.values():
            new.unlink(missing_ok=True)


def texts(outcomes: Outcomes, versions: Versions) -> dict[Path, str]:
    """All files that tell the matrix: the data, and the tables for the pages."""
    slugs = {case.slug for case in outcomes}
    addresses = {page.slug: page.relative.as_posix() for page in all_pages("en")}
    entries = {page.slug for page in all_pages("en") if page.is_entry} & slugs
    return {
        MATRIX: _csv(("slug", "file", "series", "driver", "outcome"), ((*case, outcomes[case]) for case in outcomes)),
        VERSIONS: _csv(("name", "version"), versions.items()),
        TABLE: _whole_table(outcomes, versions, addresses),
        **{verified(slug): _entry_table(slug, outcomes, versions) for slug in entries},
    }


def verified(slug: str) -> Path:
    """The file with the table of one entry."""
    return SNIPPETS / slug / "recorded" / "verified.md"


def _read(path: Path) -> list[list[str]]:
    with contextlib.suppress(FileNotFoundError), path.open(newline="") as file:
        return list(csv.reader(file))[1:]
    return []


def _csv(header: tuple[str, ...], rows) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *sorted(rows)])
    return text.getvalue()


def _entry_table(slug: str, outcomes: Outcomes, versions: Versions) -> str:
    own = {case: outcome for case, outcome in outcomes.items() if case.slug == slug}
    drivers = _drivers(own)
    rows = [cells for _, *cells in _rows(own, drivers)]
    return _markdown([f"{slug}/", "SQLAlchemy", *drivers], rows) + f"\n{_environment(drivers, versions)}\n"


def _whole_table(outcomes: Outcomes, versions: Versions, addresses: Mapping[str, str]) -> str:
    drivers = _drivers(outcomes)
    links = {slug: f"[{slug}]({address})" for slug, address in addresses.items()}
    rows = [[f"{links.get(slug, slug)}/{file}", *cells] for slug, file, *cells in _rows(outcomes, drivers)]
    return _markdown(["snippets/", "SQLAlchemy", *drivers], rows) + f"\n{_environment(drivers, versions)}\n"


def _drivers(outcomes: Outcomes) -> list[str]:
    """The drivers that were run, those that every snippet is run with first."""
    there = {case.driver for case in outcomes}
    return [driver for driver in DRIVERS if driver in there] + sorted(there - DRIVERS.keys())


def _rows(outcomes: Outcomes, drivers: list[str]) -> Iterator[list[str]]:
    """Slug, file, series and the outcome with each driver; what fails comes first, equal series share a row."""
    files = {(case.slug, case.file) for case in outcomes}
    for slug, file in sorted(files, key=_failing_first):
        found = [[outcomes.get(Case(slug, file, series, driver), "") for driver in drivers] for series in SERIES]
        for cells, series in groupby(SERIES, key=lambda series: found[SERIES.index(series)]):
            yield [slug, file, ", ".join(series), *cells]


def _failing_first(file: tuple[str, str]) -> tuple[str, bool, str]:
    slug, name = file
    return slug, not name.startswith("before"), Path(name).stem


def _markdown(header: list[str], rows: list[list[str]]) -> str:
    lines = (header, ["---"] * len(header), *rows)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _environment(drivers: list[str], versions: Versions) -> str:
    """A line with the versions of all that was run with these drivers."""
    known = collections.defaultdict(lambda: "of unknown version", versions)
    parts = [f"SQLAlchemy {', '.join(known[f'SQLAlchemy {series}'] for series in SERIES)}"]
    for database, server in SERVERS.items():
        if used := [f"{driver} {known[driver]}" for driver in drivers if DRIVERS.get(driver) == database]:
            parts.append(f"{', '.join(used)} ({server} {known[server]})")
    return "; ".join([*parts, f"Python {known['Python']}"])
