"""The matrix as the tables of the pages: one of each entry, and the whole. In HTML, for the colours of their cells."""

import collections
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from guide import matrix
from guide.addresses import address
from guide.matrix import Case, Outcomes, Versions
from guide.pages import all_pages, entry_pages
from guide.project import Project


def tables(project: Project, outcomes: Outcomes, versions: Versions) -> dict[Path, str]:
    """The files with the tables, and what has to be in each."""
    addresses = {page.slug: address(page) for page in all_pages(project, project.original)}
    entries = {page.slug for page in entry_pages(project)} & {case.slug for case in outcomes}
    return {
        project.snippets / "matrix.md": _whole(project, outcomes, versions, addresses),
        **{verified(project, slug): _of_entry(project, slug, outcomes, versions) for slug in entries},
    }


def verified(project: Project, slug: str) -> Path:
    """The file with the table of one entry."""
    return project.snippets / slug / "recorded" / "verified.md"


def _of_entry(project: Project, slug: str, outcomes: Outcomes, versions: Versions) -> str:
    own = {case: outcome for case, outcome in outcomes.items() if case.slug == slug}
    drivers = _drivers(project, own)
    rows = [[file, *rest] for _, file, *rest in _rows(project, own, drivers)]
    return _table("runs", [f"{slug}/", "SQLAlchemy", *drivers], rows, drivers) + _environment(
        project, drivers, versions
    )


def _whole(project: Project, outcomes: Outcomes, versions: Versions, addresses: Mapping[str, str]) -> str:
    drivers = _drivers(project, outcomes)
    links = {slug: f'<a href="page:{address}">{slug}</a>' for slug, address in addresses.items()}
    rows = [[f"{links.get(slug, slug)}/{file}", *rest] for slug, file, *rest in _rows(project, outcomes, drivers)]
    return _table("matrix", ["snippets/", "SQLAlchemy", *drivers], rows, [""] * len(drivers)) + _environment(
        project, drivers, versions
    )


def _drivers(project: Project, outcomes: Outcomes) -> list[str]:
    """The drivers that were run, those that every snippet is run with first."""
    there = {case.driver for case in outcomes}
    return [driver for driver in project.drivers if driver in there] + sorted(there - project.drivers.keys())


def _rows(project: Project, outcomes: Outcomes, drivers: list[str]) -> Iterator[list[str]]:
    """Slug, file, series and the outcome with each driver; what fails comes first, equal series share a row."""
    files = {(case.slug, case.file) for case in outcomes}
    for slug, file in sorted(files, key=_failing_first):
        found = {
            series: [outcomes.get(Case(slug, file, series, driver), "") for driver in drivers]
            for series in project.series
        }
        for cells, group in groupby(project.series, key=found.__getitem__):
            yield [slug, file, ", ".join(group), *cells]


def _failing_first(file: tuple[str, str]) -> tuple[str, bool, str]:
    slug, name = file
    return slug, not name.startswith("before"), Path(name).stem


def _table(kind: str, header: list[str], rows: list[list[str]], labels: list[str]) -> str:
    """A table of a kind in a box that can scroll. Each line is a row, without a blank one, which would end the HTML."""
    heads = "".join(f'<th scope="col">{cell}</th>' for cell in header)
    body = "".join(f"{_row(labels, *row)}\n" for row in rows)
    return f'<div class="{kind}"><table>\n<thead><tr>{heads}</tr></thead><tbody>\n{body}</tbody></table></div>\n'


def _row(labels: list[str], file: str, series: str, *outcomes: str) -> str:
    """What a file did, with a label for each outcome where they may stand one below the other."""
    same = ' class="same"' if len({*outcomes} - {""}) < 2 else ""
    cells = "".join(map(_cell, outcomes, labels))
    return f'<tr{same}><th scope="row">{file}</th><td>{series}</td>{cells}</tr>'


def _cell(outcome: str, label: str) -> str:
    """An outcome, which breaks between names and never within one."""
    kind = f' class="{_kind(outcome)}"' if outcome else ""
    labelled = f' data-label="{label}"' if label else ""
    return f"<td{kind}{labelled}>{outcome.replace(' (', ' <br>(')}</td>"


def _kind(outcome: str) -> str:
    """What an outcome is, for its colour."""
    if outcome == matrix.PASSES:
        return "passes"
    if outcome == matrix.DOES_NOT_REPRODUCE:
        return "gone"
    return "wraps" if "(" in outcome else "raises"


def _environment(project: Project, drivers: list[str], versions: Versions) -> str:
    """A paragraph with the versions of all that was run with these drivers."""
    known = collections.defaultdict(lambda: "of unknown version", versions)
    parts = [f"SQLAlchemy {', '.join(known[f'SQLAlchemy {series}'] for series in project.series)}"]
    run = [project.drivers[driver] for driver in drivers if driver in project.drivers]
    for scheme, database in project.databases.items():
        if used := [f"{driver} {known[driver.package]}" for driver in run if driver.database == scheme]:
            parts.append(f"{', '.join(used)} ({database.name} {known[database.name]})")
    parts.append(f"Python {known['Python']}")
    return f"\n{'; '.join(parts)}\n"
