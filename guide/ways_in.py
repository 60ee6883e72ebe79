"""The ways in: the tables of the home page and the index pages, from the front matter of the pages that they list."""

from collections.abc import Iterator
from pathlib import Path

from guide import lane_tables
from guide.matrix import Outcomes, Versions
from guide.pages import Page
from guide.project import Language, Project
from guide.snippets import Snippet
from guide.threads import most_met, times_met

HOME = Path("index.md")


def ways_in(project: Project, outcomes: Outcomes, versions: Versions) -> dict[Path, str]:
    """The files to include in these pages, and what has to be in each."""
    return {path: text for language in project.languages for path, text in _of(project, language, outcomes, versions)}


def includes_of(project: Project, language: Language) -> Iterator[tuple[Page, Path]]:
    """Each page that is a way in, with each file that it has to include."""
    home = Page(project, project.docs / language.code / HOME)
    yield from ((home, _file(project, part, language)) for part in _home(project, language) | {"home/proof": ""})
    for folder in project.listed_folders:
        if _groups(project, language, folder):
            yield _index(project, language, folder), _file(project, f"groups/{folder}", language)


def group_problems(project: Project) -> Iterator[str]:
    """Index pages that don't give each group of the navigation its id."""
    for language in project.languages:
        for folder in project.listed_folders:
            page, titles = _index(project, language, folder), [title for title, _ in _groups(project, language, folder)]
            ids, titles = page.meta.get("groups", []) if page.path.exists() else [], [one for one in titles if one]
            if len(ids) != len(titles):
                yield f"{page} names {len(ids)} groups: give an id to each of {', '.join(titles)} in `groups:`"


def _of(project: Project, language: Language, outcomes: Outcomes, versions: Versions) -> Iterator[tuple[Path, str]]:
    for part, text in _home(project, language).items():
        yield _file(project, part, language), text
    yield _file(project, "home/proof", language), _proof(project, language, outcomes, versions)
    for folder in project.listed_folders:
        if groups := _groups(project, language, folder):
            yield _file(project, f"groups/{folder}", language), _listing(_index(project, language, folder), groups)


def _file(project: Project, part: str, language: Language) -> Path:
    return project.snippets / f"{part}.{language}.md"


def _index(project: Project, language: Language, folder: str) -> Page:
    return Page(project, project.docs / language.code / folder / "index.md")


def _home(project: Project, language: Language) -> dict[str, str]:
    """The causes that are met most, a picture of a run, and all other entries, folded, as the navigation has them."""
    words, met = project.words(language), times_met(project)
    listed = [
        page for folder in project.entry_folders for _, pages in _groups(project, language, folder) for page in pages
    ]
    pages = {page.slug: page for page in listed if page.is_entry and page.meta.get("see")}
    first = [pages[slug] for slug in most_met(project) if slug in pages]
    parts = {}
    if first:
        times = sum(met[page.relative.with_suffix("").as_posix()] for page in first)
        parts["home/most-met"] = f"{_table(first)}\n{words['counted'].format(times=times, about=met.total())}\n"
    picture = Snippet(project, project.snippets / project.data["home"]["picture"])
    if picture.path.exists():
        parts["home/picture"] = lane_tables.picture(picture, language, project.data["home"]["picture-lines"])
    if rest := [page for page in pages.values() if page not in first]:
        lines = "".join(f"    {line}\n" for line in _table(rest).splitlines())
        parts["home/rest"] = f'??? note "{words["rest"].format(count=len(rest))}"\n\n{lines}'
    return parts


def _proof(project: Project, language: Language, outcomes: Outcomes, versions: Versions) -> str:
    """What was run, in one line."""
    series = ", ".join(versions.get(f"SQLAlchemy {one}", one) for one in project.series)
    words = project.words(language)["proof"]
    return words.format(runs=len(outcomes), series=series, drivers=len(project.drivers)) + "\n"


def _groups(project: Project, language: Language, folder: str) -> list[tuple[str, list[Page]]]:
    """The groups beside an index page in the navigation, with their titles and pages; that of no group has no title."""
    index = f"{folder}/index.md"
    for tab in project.configurations[language]["nav"]:
        [below] = tab.values()
        paths: dict[str, list[str]] = {"": []}
        for title, target in (pair for item in below if isinstance(below, list) for pair in item.items()):
            if isinstance(target, str):
                paths[""].append(target)
            else:
                paths[title] = [path for item in target for path in item.values()]
        if index in paths[""]:
            paths[""].remove(index)
            docs = project.docs / language.code
            pages = {title: [Page(project, docs / path) for path in found] for title, found in paths.items()}
            there = {title: [page for page in found if page.path.exists()] for title, found in pages.items()}
            return [(title, found) for title, found in there.items() if found]
    return []


def _listing(index: Page, groups: list[tuple[str, list[Page]]]) -> str:
    """A table for each group below its title; of pages that nobody looks for by what they see, a list of links."""
    ids = iter(index.meta.get("groups", [])) if index.path.exists() else iter(())
    parts = []
    for title, pages in groups:
        heading = f"## {title} {{ #{next(ids, '')} }}\n\n" if title else ""
        links = "".join(f"- [{page.title}]({page.link_from(index)})\n" for page in pages)
        parts.append(heading + (_table(pages, index) if all(page.meta.get("see") for page in pages) else links))
    return "\n".join(parts)


def _table(pages: list[Page], shown_by: Page | None = None) -> str:
    """A table in Markdown: what the reader sees, why, and what to write instead."""
    project, language = pages[0].project, pages[0].language
    header = project.configurations[language]["extra"]["words"]["columns"][pages[0].folder]
    lines = [" | ".join(header), " | ".join(["---"] * len(header)), *(page.row(shown_by) for page in pages)]
    return "".join(f"| {line} |\n" for line in lines)
