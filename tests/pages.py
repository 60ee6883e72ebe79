"""What a page is, and what is wrong with the pages: each check returns one line per mistake, and how to mend it."""

import difflib
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from project import CONFIGS, DOCS, ENTRY_FOLDERS, LANGUAGES, ROOT, SNIPPETS, name
from snippets import Snippet, all_snippets

FRONT_MATTER = re.compile(r"---\n(?P<meta>.*?\n)---\n(?P<body>.*)", re.DOTALL)
FENCE = re.compile(r"^ *(```+)(?P<info>.*)\n(?P<code>(?:.*\n)*?) *\1 *$", re.MULTILINE)
HEADING = re.compile(r"^(?P<level>#+) (?P<text>.*?)(?: \{ #(?P<id>[\w-]+)(?: data-search-exclude)? \})?$", re.MULTILINE)
INCLUDE = re.compile(r'^ *--8<-- "(?P<target>[^"]+)"$', re.MULTILINE)
LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
LOADED_FROM_AFAR = re.compile(r"!\[[^\]]*\]\((?:https?:)?//|<(?:img|script|iframe|link|video|audio|source)\b[^>]*//")
HL_LINES = re.compile(r'hl_lines="(?P<lines>[\d ]+)"')
PARAGRAPH_BREAK = re.compile(
    r"^(?![#|>=?!<]|-- |---$| *- | *\d+\. ).*[^\x00-\x7f`*].*\n(?=[^\s#|>=?!`<-])", re.MULTILINE
)
ANSWER = re.compile(r"\*\*(?P<text>.+?)\*\*", re.DOTALL)
CODE_SPAN = re.compile(r"`[^`]*`")
# What ends a sentence of either language, before its last character.
SENTENCE_END = re.compile(r"[.?!](?= )|[。？！](?=.)")
TODO = re.compile(r"TODO[:：] ?(?P<what>[^\"|*\]{]+)")
REQUIRED = {  # in this order; fixes may be missing where there is only one
    folder: ("example", "symptom", "why", "fixes", "recognise", "verified", "reproduce", "related")
    for folder in ENTRY_FOLDERS
}
REQUIRED["errors"] = ("causes", "texts", "related")
REQUIRED["techniques"] = ("cost", "limits", "related")


@dataclass(frozen=True)
class Page:
    """One Markdown file of one language."""

    path: Path

    def __str__(self) -> str:
        return name(self.path)

    @property
    def language(self) -> str:
        return self.path.relative_to(DOCS).parts[0]

    @property
    def relative(self) -> Path:
        """The path below the language's folder, the same in every language."""
        return self.path.relative_to(DOCS / self.language)

    def in_language(self, language: str) -> "Page":
        return Page(DOCS / language / self.relative)

    @property
    def is_entry(self) -> bool:
        return self.relative.parts[0] in ENTRY_FOLDERS

    @property
    def slug(self) -> str:
        return self.path.stem

    @cached_property
    def _parts(self) -> tuple[str, str]:
        found = FRONT_MATTER.match(self.path.read_text())
        return (found["meta"], found["body"]) if found else ("", self.path.read_text())

    @property
    def meta(self) -> dict:
        """The front matter; empty if it is missing or no valid YAML."""
        try:
            return yaml.safe_load(self._parts[0]) or {}
        except yaml.YAMLError:
            return {}

    @property
    def body(self) -> str:
        return self._parts[1]

    @property
    def answer(self) -> str:
        """The first sentence in bold, which says what to change; empty if there is none."""
        found = ANSWER.search(self.prose)
        return " ".join(found["text"].split()) if found else ""

    @property
    def has_short_link(self) -> bool:
        """Whether `e/<slug>/` leads to it."""
        return self.relative.parts[0] in (*ENTRY_FOLDERS, "errors")

    @property
    def hash(self) -> str:
        """What the `translates:` of a translation of this body has to say."""
        return hashlib.sha256(self.body.strip().encode()).hexdigest()[:12]

    @property
    def prose(self) -> str:
        return FENCE.sub("", self.body)

    @property
    def headings(self) -> list[re.Match]:
        return list(HEADING.finditer(self.prose))

    @property
    def ids(self) -> list[str | None]:
        return [heading["id"] for heading in self.headings]

    @property
    def includes(self) -> list[str]:
        return [include["target"] for include in INCLUDE.finditer(self.body)]

    @property
    def links(self) -> list[str]:
        return [link["target"] for link in LINK.finditer(self.prose)]


def all_pages(language: str) -> list[Page]:
    return [Page(path) for path in sorted((DOCS / language).rglob("*.md"))]


def pages_missing() -> Iterator[str]:
    """Entries without a page, and pages without their counterpart in the other language."""
    for language in LANGUAGES:
        others = {page.relative for other in LANGUAGES for page in all_pages(other)}
        for relative in sorted(others - {page.relative for page in all_pages(language)}):
            yield f"{name(DOCS / language / relative)} is missing: write it, with its twin's ids, includes and links"
    slugs = {page.slug for page in all_pages("en")}
    for slug in sorted({snippet.slug for snippet in all_snippets()} - slugs):
        yield f"snippets/{slug} has no page: write docs/en/causes/{slug}.md or docs/en/lookalikes/{slug}.md"


def front_matter_problems(page: Page) -> Iterator[str]:
    if not page.meta:
        yield f"{page} has no front matter that is valid YAML: begin with ---, title, description, ---; quote values"
        return
    for key in ("title", "description"):
        if not page.meta.get(key):
            yield f"{page} has no {key} in its front matter: it is needed for search and link previews"
    if page.language != "en" and page.in_language("en").path.exists():
        english = page.in_language("en")
        if str(page.meta.get("translates")) != english.hash:
            yield f"{page} may be out of date: re-read it against {english}, then set `translates: {english.hash}`"


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
    required = [id for id in REQUIRED.get(page.relative.parts[0], ()) if id != "fixes" or _has_other_fixes(page)]
    present = [id for id in page.ids if id in required]
    for id in required:
        if id not in present:
            yield f"{page} lacks the heading with the id {id}: see a neighbouring page"
    if sorted(present) == sorted(required) and present != required:
        yield f"{page}: the headings have to stand in the order {', '.join(required)}"


def answer_problems(page: Page) -> Iterator[str]:
    """Entries whose answer cannot stand alone, as it does when it is copied for an issue."""
    if page.has_short_link and (not page.answer or SENTENCE_END.search(CODE_SPAN.sub("x", page.answer))):
        yield f"{page}: say in one sentence in bold, below the title, what to change; it is copied for issues"


def _has_other_fixes(page: Page) -> bool:
    return len(list((SNIPPETS / page.slug).glob("after*.py"))) > 1


def language_problems(page: Page) -> Iterator[str]:
    """Where a page differs from the English one in what has to be the same."""
    english = page.in_language("en")
    if page.language == "en" or not english.path.exists():
        return
    for what, here, there in (
        ("heading ids", page.ids, english.ids),
        ("includes", _without_language(page), _without_language(english)),
        ("links", page.links, english.links),
    ):
        for ours, theirs in zip([*here, None], [*there, None], strict=False):
            if ours != theirs:
                yield f"{page} has other {what} than {english}: {ours or 'nothing'} instead of {theirs or 'nothing'}"
                break


def _without_language(page: Page) -> list[str]:
    """The includes, those of a file for this language alone as if it were for any."""
    return [include.replace(f".{page.language}.", ".") for include in page.includes]


def include_problems(page: Page) -> Iterator[str]:
    for include in page.includes:
        file, _, section = include.partition(":")
        path = SNIPPETS / file
        if not path.is_file():
            hint = (
                "; `make record` or `make matrix` writes what belongs there, or remove it"
                if "/recorded/" in file
                else ""
            )
            yield f"{page} includes snippets/{file}, which does not exist{hint}"
        elif path.is_symlink():
            yield f"{page} includes snippets/{file}, which is a link: put the file there"
        elif section not in ("", "example"):
            yield f"{page} includes {include}: only the section `example` exists, and no line numbers"


def highlight_problems(page: Page) -> Iterator[str]:
    """Shown sections whose `hl_lines` is not the marked line of a before, or not the changed lines of an after."""
    for fence in FENCE.finditer(page.body):
        include = INCLUDE.fullmatch(fence["code"].rstrip("\n"))
        if include and include["target"].endswith(".py:example"):
            path = SNIPPETS / include["target"].removesuffix(":example")
            found = HL_LINES.search(fence["info"])
            written, expected = found["lines"] if found else "", _expected_highlight(path)
            if path.is_file() and written != expected:
                wanted = f'hl_lines="{expected}"' if expected else "no hl_lines"
                yield f"{page}: the section of snippets/{include['target']} needs {wanted}, not {written or 'none'}"


def _expected_highlight(path: Path) -> str:
    if not path.is_file():
        return ""
    snippet = Snippet(path)
    if snippet.must_fail:
        marked = {mark.line for mark in snippet.marks}
        return " ".join(str(n) for n, line in enumerate(snippet.section, 1) if line in marked)
    if not snippet.mends:
        return ""
    before, after = Snippet(snippet.counterpart).shown, snippet.shown
    changes = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    changed = {n for tag, _, _, start, end in changes if tag in ("replace", "insert") for n in range(start, end)}
    return " ".join(str(n + 1) for n in sorted(changed) if after[n])


def unshown() -> Iterator[str]:
    """Snippets and recordings that no page of a language shows; equal texts have to be shown only once."""
    for language in LANGUAGES:
        shown = {include.partition(":")[0] for page in all_pages(language) for include in page.includes}
        for snippet in all_snippets():
            yield from _unless_shown(snippet.path, shown, language)
        texts = {(Path(file).parts[0], (SNIPPETS / file).read_text()) for file in shown if (SNIPPETS / file).is_file()}
        for path in sorted(path for path in SNIPPETS.glob("*/recorded/**/*") if path.is_file()):
            if (path.relative_to(SNIPPETS).parts[0], path.read_text()) not in texts:
                yield from _unless_shown(path, shown, language)


def _unless_shown(path: Path, shown: set[str], language: str) -> Iterator[str]:
    file = path.relative_to(SNIPPETS).as_posix()
    if file not in shown:
        yield f'{name(path)} is not shown by any page in {language}: include it with --8<-- "{file}", or delete it'


def link_problems(page: Page) -> Iterator[str]:
    for link in page.links:
        if re.match(r"https?://", link):
            continue
        file, _, anchor = link.partition("#")
        target = Page(Path(os.path.normpath(page.path.parent / file))) if file else page
        if not target.path.is_file():
            yield f"{page} links to {link}, which does not exist"
        elif anchor and anchor not in target.ids:
            yield f"{page} links to {link}, but {target} has no heading with that id"


def loading_problems(page: Page) -> Iterator[str]:
    for found in LOADED_FROM_AFAR.finditer(page.prose):
        yield f"{page} loads something from another host: `{found[0]}…`; put the file into docs/ and link to it"


def line_break_problems(page: Page) -> Iterator[str]:
    """In Japanese, a line break inside a paragraph would show as a space."""
    if page.language == "ja":
        for found in PARAGRAPH_BREAK.finditer(page.prose):
            yield f"{page}: write a paragraph as one line, a line break shows as a space: `…{found[0].strip()[-20:]}`"


PAGE_CHECKS = (
    front_matter_problems,
    heading_problems,
    answer_problems,
    language_problems,
    include_problems,
    highlight_problems,
    link_problems,
    loading_problems,
    line_break_problems,
)


def navigation_problems() -> Iterator[str]:
    """Pages that a reader cannot reach by the navigation, and differences between the languages' navigations."""
    english, japanese = map(_navigation, LANGUAGES)
    for page in all_pages("en"):
        if page.relative.as_posix() not in english:
            yield f"{page} is not in the nav of {CONFIGS['en']}: add it there and to {CONFIGS['ja']}"
    if english != japanese:
        yield f"{CONFIGS['ja']} has other pages in its nav than {CONFIGS['en']}: give both the same, in the same order"


def configuration(language: str) -> dict:
    """What is written in the MkDocs configuration of a language."""

    class Loader(yaml.SafeLoader):
        """Reads the environment tags of MkDocs as nothing."""

    Loader.add_multi_constructor("!", lambda *_: None)
    return yaml.load((ROOT / CONFIGS[language]).read_text(), Loader)


def _navigation(language: str) -> list[str]:
    """The pages in the navigation of a language, in order."""
    return list(_leaves(configuration(language)["nav"]))


def _leaves(nav) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    else:
        for item in nav.values() if isinstance(nav, dict) else nav:
            yield from _leaves(item)


def home_problems() -> Iterator[str]:
    """Entries that no table of the home page names; the paste box takes its words from there."""
    home = Page(DOCS / "en" / "index.md")
    for page in all_pages("en"):
        if page.is_entry and page.relative.as_posix() not in home.links:
            yield f"{home} does not link to {page.relative.as_posix()}: add a row to a table there, and in its twin"


def unfinished() -> Iterator[str]:
    """What `make new` left to write, by the words that it left in its place."""
    for path in (*(ROOT / config for config in CONFIGS.values()), *sorted(DOCS.rglob("*.md"))):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for todo in TODO.finditer(line):
                yield f"{name(path)} line {number}: {todo['what'].strip()}"
