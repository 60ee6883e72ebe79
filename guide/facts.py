"""What pages say beyond their examples, and the runs that prove it: a fact is a function of a `facts.py` and a link."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from guide.pages import CODE_SPAN, Page, all_pages
from guide.project import Project
from guide.snippets import Snippet, all_snippets

LINK = re.compile(r"\[[^\]\n]+\]\(code:(?P<slug>[\w-]+)/facts\.py\)(?:\{ #fact-(?P<name>[\w-]+) \.run \})?")
PRINTED = re.compile(r"^(?P<name>[\w-]+): ", re.MULTILINE)
FUNCTION = re.compile(r"^(?:async )?def (?P<name>\w+)\(", re.MULTILINE)
START = re.compile(r"^ *(?:[-*] |\d+\. |\|)")
HEADING = re.compile(r"^#+ .*\{ #(?P<id>[\w-]+)[^}]*\}$")
NO_PROSE = re.compile(r"^ *(?:--8<--|===|\?\?\?|!!!|<|\|[ :|-]+$)")


@dataclass(frozen=True)
class Statement:
    """A bullet, a row of a table or a paragraph, and the id of the heading that it is under."""

    heading: str
    text: str

    @property
    def is_bullet(self) -> bool:
        return self.text.lstrip().startswith(("-", "*"))

    @property
    def links(self) -> list[re.Match]:
        return list(LINK.finditer(self.text))

    def __str__(self) -> str:
        words = " ".join(self.text.split())
        return words if len(words) <= 60 else f"{words[:60]}…"


def statements(page: Page) -> Iterator[Statement]:
    """All that a page says in its own words, but not headings, code, includes or labels; also its table row."""
    if page.meta.get("see") and page.meta.get("why"):
        yield Statement("", page.row())
    heading, lines = "", list[str]()
    for line in (*page.prose.splitlines(), ""):
        found = HEADING.match(line)
        if lines and (found or not line.strip() or START.match(line) or NO_PROSE.match(line)):
            yield Statement(heading, "\n".join(lines))
            lines = []
        if found:
            heading = found["id"]
        elif line.strip() and not NO_PROSE.match(line) and not line.startswith("#"):
            lines.append(line)


def fact_problems(page: Page) -> Iterator[str]:
    """Sentences that need a fact and have none, and links without a fact."""
    rules = page.project.data["facts"]
    if not any(page.relative.match(pattern) for pattern in rules["pages"]):
        return
    absolute = re.compile("|".join(rules["absolute"][page.language.code]), re.IGNORECASE)
    for statement in statements(page):
        is_proved = statement.links or rules["not-run"] in statement.text
        if not is_proved and statement.is_bullet and statement.heading in rules["headings"]:
            yield f"{page}: prove `{statement}` by a fact, or move it out of #{statement.heading}"
        elif not is_proved and (found := absolute.search(CODE_SPAN.sub("", statement.text))):
            yield f"{page}: prove `{found[0]}` in `{statement}` by a fact, or say less"
    for statement in statements(page):
        for link in statement.links:
            if not link["name"]:
                yield f"{page}: end `{link[0]}` with {{ #fact-… .run }}"
            elif link["name"] not in _names(Snippet(page.project, page.project.snippets / link["slug"] / "facts.py")):
                yield f"{page}: snippets/{link['slug']}/facts.py prints no `{link['name']}: …`, which the page links to"


def not_run_problems(project: Project) -> Iterator[str]:
    """Pages that name a source instead of a run and are not in the list of those, and a list that is too long."""
    rules = project.data["facts"]
    file, _, heading = rules["not-run"].partition("#")
    most = rules["most-not-run"]
    for language in project.languages:
        listing = Page(project, project.docs / language.code / file)
        listed = statements(listing) if listing.path.exists() else ()
        rows = [one.text for one in listed if one.heading == heading and one.text.startswith("|")][1:]
        if len(rows) > most:
            yield f"{listing} lists {len(rows)} statements below #{heading}, but at most {most} may go without a run"
        for page in all_pages(project, language):
            is_told = any(f"{rules['not-run']})" in one.text for one in statements(page))
            if is_told and page.kind and not any(f"({page.relative.as_posix()}" in row for row in rows):
                yield f"{page} names a source instead of a run: add a row with a link to it to #{heading} of {listing}"


def unlinked_facts(project: Project) -> Iterator[str]:
    """Facts that no page of a language links to, and lines of a `facts.py` that no function is named after."""
    for language in project.languages:
        linked = {
            (link["slug"], link["name"])
            for page in all_pages(project, language)
            for statement in statements(page)
            for link in statement.links
        }
        for snippet in all_snippets(project):
            for name in _names(snippet) if snippet.is_facts else ():
                if (snippet.slug, name) not in linked:
                    yield f"{snippet} proves {name}, but no page in {language} links to it: add the link, or remove it"
    for snippet in all_snippets(project):
        if snippet.is_facts:
            functions = {name.replace("_", "-") for name in FUNCTION.findall(snippet.path.read_text())}
            for name in _names(snippet):
                if name not in functions:
                    yield f"{snippet} prints `{name}: …`, but has no function {name.replace('-', '_')}"


def printed(snippet: Snippet) -> str:
    """What a `facts.py` printed, one line for each fact; one for each series where they differ."""
    recorded = {series: snippet.recorded(series).splitlines() for series in snippet.project.series}
    lines = dict.fromkeys(line for lines in recorded.values() for line in lines)
    series_of = {line: [series for series, lines in recorded.items() if line in lines] for line in lines}
    return "".join(
        f"{line}\n" if len(found) == len(recorded) else f"{line} (SQLAlchemy {', '.join(found)})\n"
        for line, found in series_of.items()
    )


def _names(snippet: Snippet) -> list[str]:
    """The facts that a run printed, on all series; none if nothing is recorded."""
    paths = [snippet.recordings(series)[0] for series in snippet.project.series]
    found = [PRINTED.findall(path.read_text()) for path in paths if path.exists()]
    return [name for name in found[0] if all(name in other for other in found)] if found else []
