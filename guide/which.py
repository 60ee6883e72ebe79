"""The page that leads to a cause by questions: its front matter is the tree, and this is the list that it includes."""

from collections.abc import Iterator
from pathlib import Path

from guide.pages import Page, entry_pages
from guide.project import Language, Project
from guide.yours import capitalised

FIRST = "start"
PAGE = "which.md"


def questions(page: Page) -> dict[str, dict]:
    """The questions of the page by their ids, each with what it asks, and its answers by where they lead."""
    return page.meta.get("questions", {})


def answers(question: dict) -> Iterator[tuple[str, str]]:
    """Where each answer leads, and its words; none where the entry's own sign says it."""
    for answer in question["answers"]:
        yield from answer.items() if isinstance(answer, dict) else [(answer, "")]


def paths(page: Page) -> Iterator[list[str]]:
    """Each way from the first question to where it leads."""
    found = questions(page)
    ways = [[FIRST]]
    while ways:
        way = ways.pop()
        if way[-1] in found and way[-1] not in way[:-1]:
            ways += [[*way, target] for target, _ in answers(found[way[-1]])]
        else:
            yield way


def which(project: Project) -> dict[Path, str]:
    """The file to include in each language, and what has to be in it."""
    pages = {language: Page(project, project.docs / language.code / PAGE) for language in project.languages}
    return {
        project.snippets / "which" / f"questions.{language}.md": _tree(page, language)
        for language, page in pages.items()
        if page.path.exists()
    }


def _tree(page: Page, language: Language) -> str:
    found = questions(page)
    entries = {entry.slug: entry for entry in entry_pages(page.project, language)}
    signs, answer = page.project.words(language)["yours"]["signs"], page.project.words(language)["which"]
    parts: list[str] = []
    for id, question in found.items():
        parts += [f"## {question['ask']} {{ #{id} }}", ""]
        for target, words in answers(question):
            said = words or capitalised(signs[target])
            if entry := entries.get(target):
                parts.append(answer.format(said=said, link=entry.relative.as_posix(), fix=entry.answer))
            else:
                parts.append(f"- [{said}]({'#' if target in found else ''}{target})")
        parts.append("")
    return "\n".join(parts)
