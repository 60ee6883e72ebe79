"""The checks of the pages: each returns one line per mistake, which says what to do about it."""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from pymdownx.snippets import SnippetMissingError

from guide.facts import fact_problems, not_run_problems, unlinked_facts
from guide.pages import CODE_SPAN, FENCE, Includes, Page, all_pages, entry_pages
from guide.project import Project
from guide.snippets import Snippet, all_snippets
from guide.threads import threads
from guide.ways_in import group_problems, includes_of

LOADED_FROM_AFAR = re.compile(r"!\[[^\]]*\]\((?:https?:)?//|<(?:img|script|iframe|link|video|audio|source)\b[^>]*//")
HL_LINES = re.compile(r'hl_lines="(?P<lines>[\d ]+)"')
PARAGRAPH_BREAK = re.compile(
    r"^(?![#|>=?!<]|-- |---$| *- | *\d+\. ).*[^\x00-\x7f`*].*\n(?=[^\s#|>=?!`<-])", re.MULTILINE
)
# What ends a sentence, before its last character.
SENTENCE_END = re.compile(r"[.?!](?= )|[。？！](?=.)")
RECORDED = ("*/recorded/*/*", "*/recorded/*.diff", "*/recorded/verified.md")
LINKED = re.compile(r"\]\(code:([\w./-]+)\)")
TODO = re.compile(r"TODO[:：] ?(?P<what>[^\"|*\]{]+)")


def problems(page: Page) -> list[str]:
    """All that is wrong with one page."""
    return [found for check in PAGE_CHECKS for found in check(page)]


def project_problems(project: Project) -> list[str]:
    """All that is wrong with the pages together."""
    return [found for check in PROJECT_CHECKS for found in check(project)]


def pages_missing(project: Project) -> Iterator[str]:
    """Entries without a page, and pages without their counterpart in another language."""
    there = {language: {page.relative for page in all_pages(project, language)} for language in project.languages}
    for language, relatives in there.items():
        for relative in sorted(set().union(*there.values()) - relatives):
            path = project.name(project.docs / language.code / relative)
            yield f"{path} is missing: write it, with the ids, includes and links of the other language's page"
    slugs = {page.slug for page in all_pages(project, project.original)}
    for slug in sorted({snippet.slug for snippet in all_snippets(project)} - slugs):
        places = " or ".join(f"docs/{project.original}/{folder}/{slug}.md" for folder in project.entry_folders)
        yield f"snippets/{slug} has no page: write {places}"


def front_matter_problems(page: Page) -> Iterator[str]:
    if not page.meta:
        yield f"{page} has no front matter that is valid YAML: begin with ---, title, description, ---; quote values"
        return
    for key in ("title", "description"):
        if not page.meta.get(key):
            yield f"{page} has no {key} in its front matter: it is needed for search and link previews"
    for key in ("see", "why", "fix") if page.kind and page.kind.is_listed else ():
        if not page.meta.get(key):
            yield f"{page} has no {key} in its front matter: it is needed for the tables that lead to it"
    original = page.original
    if page != original and original.path.exists() and page.translates != original.hash:
        yield f"{page} may be out of date: re-read it against {original}, then set `translates: {original.hash}`"


def heading_problems(page: Page) -> Iterator[str]:
    for heading in page.headings:
        if heading["id"] is None:
            yield f"{page}: give the heading `{heading['text']}` a permanent id: {{ #… }}"
    if [len(heading["level"]) for heading in page.headings].count(1) != 1:
        yield f"{page} needs exactly one heading of the first level"
    title, first = page.meta.get("title"), page.headings[0]["text"]
    if title and title != first:
        yield f"{page}: the title is `{title}`, but the first heading is `{first}`: make them the same"
    for id in sorted({id for id in page.ids if id and page.ids.count(id) > 1}):
        yield f"{page}: the id {id} is used twice"
    if page.is_entry and page.ids[0] != page.slug:
        yield f"{page}: the first heading's id is {page.ids[0]}, but has to be the slug: {{ #{page.slug} }}"
    needed = page.kind.headings if page.kind else ()
    required = [id for id in needed if id != "fixes" or _has_other_fixes(page)]
    present = [id for id in page.ids if id in required]
    for id in required:
        if id not in present:
            yield f"{page} lacks the heading with the id {id}: see a neighbouring page"
    if sorted(present) == sorted(required) and present != required:
        yield f"{page}: put the headings in this order: {', '.join(required)}"


def answer_problems(page: Page) -> Iterator[str]:
    """Entries whose answer can't be understood alone, as readers copy it into issues."""
    if page.has_short_link and (not page.answer or SENTENCE_END.search(CODE_SPAN.sub("x", page.answer))):
        yield f"{page}: say in one sentence in bold, below the title, what to change; readers copy it into issues"


def _has_other_fixes(page: Page) -> bool:
    return len(list((page.project.snippets / page.slug).glob("after*.py"))) > 1


def language_problems(page: Page) -> Iterator[str]:
    """Where a page differs from the one that it translates in what has to be the same."""
    original = page.original
    if page == original or not original.path.exists():
        return
    for what, here, there in (
        ("heading ids", page.ids, original.ids),
        ("includes", _without_language(page), _without_language(original)),
        ("links", page.links, original.links),
    ):
        for ours, theirs in zip([*here, None], [*there, None], strict=False):
            if ours != theirs:
                yield f"{page} has other {what} than {original}: {ours or 'nothing'} instead of {theirs or 'nothing'}"
                break


def _without_language(page: Page) -> list[str]:
    """The includes; a file for this language only is named as if it were for any."""
    return [include.replace(f".{page.language}.", ".") for include in page.includes]


def include_problems(page: Page) -> Iterator[str]:
    snippets = page.project.snippets
    for include in page.includes:
        file, _, section = include.partition(":")
        if not (snippets / file).is_file():
            hint = "; `make record` or `make matrix` writes what belongs there, or remove it"
            yield f"{page} includes snippets/{file}, which does not exist{hint if '/recorded/' in file else ''}"
        elif (snippets / file).is_symlink():
            yield f"{page} includes snippets/{file}, which is a link: put the file there"
        elif section not in ("", "example"):
            yield f"{page} includes {include}: only the section `example` exists, and no line numbers"


def highlight_problems(page: Page) -> Iterator[str]:
    """Shown sections whose `hl_lines` is not the marked line of a before, or not the changed lines of an after."""
    for fence in FENCE.finditer(page.body):
        shown = [target for target in Includes.written_in(fence["code"]) if target.endswith(".py:example")]
        for target in shown:
            snippet = Snippet(page.project, page.project.snippets / target.removesuffix(":example"))
            found = HL_LINES.search(fence["info"])
            written = found["lines"] if found else ""
            if snippet.path.is_file() and written != (expected := _expected_highlight(snippet)):
                wanted = f'hl_lines="{expected}"' if expected else "no hl_lines"
                yield f"{page}: the section of snippets/{target} needs {wanted}, not {written or 'none'}"


def lane_problems(page: Page) -> Iterator[str]:
    """Examples on a page of which it does not show what each line sends."""
    snippets, includes = page.project.snippets, page.includes
    for include in dict.fromkeys(include for include in includes if include.endswith(".py:example")):
        snippet = Snippet(page.project, snippets / include.removesuffix(":example"))
        table = f"{snippet.slug}/recorded/{snippet.path.stem}.lanes.{page.language}.md"
        if snippet.slug == page.slug and (snippets / table).exists() and table not in includes:
            yield f'{page} shows {include}, but not what its lines send: include --8<-- "{table}"'


def _expected_highlight(snippet: Snippet) -> str:
    if snippet.must_fail:
        marked = {mark.line for mark in snippet.marks}
        return " ".join(str(n) for n, line in enumerate(snippet.section, 1) if line in marked)
    if not snippet.mends:
        return ""
    before, after = Snippet(snippet.project, snippet.counterpart).shown, snippet.shown
    changes = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    changed = {n for tag, _, _, start, end in changes if tag in ("replace", "insert") for n in range(start, end)}
    return " ".join(str(n + 1) for n in sorted(changed) if after[n])


def unshown(project: Project) -> Iterator[str]:
    """Snippets and recordings that no page of a language shows; equal texts have to be shown only once."""
    snippets = [snippet.path for snippet in all_snippets(project) if not snippet.is_facts]
    recorded = [path for pattern in RECORDED for path in sorted(project.snippets.glob(pattern)) if path.stem != "facts"]
    for language in project.languages:
        shown = {path for page in all_pages(project, language) for path in _included(page)}
        texts = {(_slug(project, path), path.read_text()) for path in shown}
        for path in (*snippets, *recorded):
            is_elsewhere = path in recorded and (_slug(project, path), path.read_text()) in texts
            if path not in shown and not is_elsewhere:
                file, place = path.relative_to(project.snippets).as_posix(), project.name(path)
                yield f'{place} is not shown by any page in {language}: include it with --8<-- "{file}", or delete it'


def _included(page: Page) -> list[Path]:
    """The files that a page shows or links to; none if one is missing, which another check reports."""
    try:
        linked = (page.project.snippets / path for path in LINKED.findall(page.text))
        return [*page.included, *(path for path in linked if path.is_file())]
    except SnippetMissingError:
        return []


def _slug(project: Project, path: Path) -> str:
    return path.relative_to(project.snippets).parts[0]


def loading_problems(page: Page) -> Iterator[str]:
    for found in LOADED_FROM_AFAR.finditer(page.prose):
        yield f"{page} loads something from another host: `{found[0]}…`; put the file into docs/ and link to it"


def line_break_problems(page: Page) -> Iterator[str]:
    """Between words that no space parts, as in Japanese, a line break inside a paragraph would show as a space."""
    if not page.language.spaced:
        for found in PARAGRAPH_BREAK.finditer(page.prose):
            yield f"{page}: write a paragraph as one line, a line break shows as a space: `…{found[0].strip()[-20:]}`"


PAGE_CHECKS = (
    front_matter_problems,
    heading_problems,
    answer_problems,
    language_problems,
    include_problems,
    highlight_problems,
    lane_problems,
    loading_problems,
    line_break_problems,
    fact_problems,
)


def navigation_problems(project: Project) -> Iterator[str]:
    """Pages that are in no navigation, and differences in pages or groups between the languages' navigations."""
    config = project.config(project.original).name
    original = list(_leaves(project.configurations[project.original]["nav"]))
    in_nav = {page for page, _ in original}
    translated = [project.config(language).name for language in project.translations]
    for page in all_pages(project, project.original):
        if page.relative.as_posix() not in in_nav:
            yield f"{page} is not in the nav of {config}: add it there and to {', '.join(translated)}"
    for language in project.translations:
        if list(_leaves(project.configurations[language]["nav"])) != original:
            other = project.config(language).name
            yield f"{other} has other pages or groups in its nav than {config}: give both the same, in the same order"


def _leaves(nav: list | dict | str, group: tuple[int, ...] = ()) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The pages in a navigation, in order, each with the place of the group that it is in."""
    if isinstance(nav, str):
        yield nav, group[:-1]
    elif isinstance(nav, dict):
        for below in nav.values():
            yield from _leaves(below, group)
    else:
        for place, item in enumerate(nav):
            yield from _leaves(item, (*group, place))


def way_in_problems(project: Project) -> Iterator[str]:
    """Tables that the home page or an index page does not show, and threads of which no page is known."""
    for language in project.languages:
        for way_in, table in includes_of(project, language):
            if not way_in.path.exists() or table not in way_in.included:
                yield f"{way_in} lacks a table: include {table.relative_to(project.snippets).as_posix()}"
    yield from group_problems(project)
    pages = {page.relative.with_suffix("").as_posix() for page in all_pages(project, project.original)}
    for page in sorted({thread["page"] for thread in threads(project)} - pages):
        yield f"threads.csv names {page}, which isn't a page: correct it"


def data_problems(project: Project) -> Iterator[str]:
    """Entries that are missing in the order of guide.toml, and names in guide.toml that aren't entries."""
    rules, slugs = project.data["paste-box"], {page.slug for page in entry_pages(project)}
    for slug in sorted(slugs - set(rules["order"])):
        yield f"guide.toml lacks {slug}: add it to `order`, below [paste-box], where it belongs"
    named = [*rules["order"], *rules["seen-through"], *rules["by-products"], *rules["also"], *rules["also"].values()]
    named += project.data["yours"]["signs"]
    named += [slug for guess in rules["guesses"].values() if isinstance(guess, list) for slug in guess]
    for slug in dict.fromkeys(slug for slug in named if slug not in slugs):
        yield f"guide.toml names {slug}, which isn't an entry: remove it"


def sign_problems(project: Project) -> Iterator[str]:
    """Entries of which the section "Is it yours?" has nothing to say."""
    for page in entry_pages(project):
        told = project.snippets / page.slug / "recorded" / f"yours.{project.original}.md"
        if told.exists() and not told.read_text().strip():
            configs = ", ".join(project.config(language).name for language in project.languages)
            yield f"guide.toml lacks a sign of {page.slug}: add one below [yours.signs], and its words to {configs}"


def unfinished(project: Project) -> Iterator[str]:
    """What `make new` left to write, by the words that it left in its place."""
    configs = [project.config(language) for language in project.languages]
    for path in (*configs, *sorted(project.docs.rglob("*.md"))):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for todo in TODO.finditer(line):
                yield f"{project.name(path)} line {number}: {todo['what'].strip()}"


PROJECT_CHECKS = (
    pages_missing,
    unshown,
    unlinked_facts,
    not_run_problems,
    navigation_problems,
    way_in_problems,
    data_problems,
    sign_problems,
    unfinished,
)
