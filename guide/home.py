"""The home page's tables: what a reader sees, why, and the page, from the front matter of the entries."""

from pathlib import Path

from guide.pages import Page, entry_pages
from guide.project import Language, Project
from guide.threads import MISSING_GREENLET, most_met, order, threads, times_met

# The table of the causes that are met most.
FIRST = "causes"


def home_tables(project: Project) -> dict[Path, str]:
    """The files with the tables of each language, and what has to be in each."""
    return {
        file(project, table, language): _table(table, pages, language)
        for language in project.languages
        for table, pages in _tables(project, language).items()
    }


def file(project: Project, table: str, language: Language) -> Path:
    return project.snippets / "home" / f"{table}.{language}.md"


def _tables(project: Project, language: Language) -> dict[str, list[Page]]:
    """The entries of each table, by the id of its heading: the first, the one that a page names, or its kind's."""
    place = {slug: number for number, slug in enumerate(order(project))}
    pages = [page for page in entry_pages(project, language) if page.slug in place and page.meta.get("see")]
    first = most_met(project)
    tables: dict[str, list[Page]] = {}
    for page in sorted(pages, key=lambda page: place[page.slug]):
        own = page.meta.get("table", project.kinds[page.relative.parts[0]].table)
        tables.setdefault(FIRST if page.slug in first else own, []).append(page)
    return tables


def _table(table: str, pages: list[Page], language: Language) -> str:
    """A table in Markdown, with the numbers of threads where there are any, and below the first one what they say."""
    project = pages[0].project
    words, met = project.words(language), times_met(project)
    times = [met[page.relative.with_suffix("").as_posix()] for page in pages]
    header = [words["see"], words["why"], *([words["threads"]] if any(times) else [])]
    rows = [[page.row, *([str(number or "")] if any(times) else [])] for page, number in zip(pages, times, strict=True)]
    lines = [header, ["---"] * len(header), *rows]
    note = _counted(project, language) if table == FIRST else ""
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines) + note


def _counted(project: Project, language: Language) -> str:
    """What the numbers of threads say, and what they don't."""
    about = sum(thread["error"] == MISSING_GREENLET for thread in threads(project))
    return f"\n{project.words(language)['counted'].format(about=about)}\n"
