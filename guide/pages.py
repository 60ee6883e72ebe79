"""What a page is: its front matter, headings, links, and the text of its includes."""

import hashlib
import posixpath
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import markdown
from mkdocs.utils.meta import get_data
from pymdownx.snippets import SnippetExtension, SnippetPreprocessor

from guide.project import Kind, Language, Project

FENCE = re.compile(r"^ *(```+)(?P<info>.*)\n(?P<code>(?:.*\n)*?) *\1 *$", re.MULTILINE)
HEADING = re.compile(r"^(?P<level>#+) (?P<text>.*?)(?: \{ #(?P<id>[\w-]+)(?: data-search-exclude)? \})?$", re.MULTILINE)
LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
CODE_SPAN = re.compile(r"`[^`]*`")
ANSWER = re.compile(r"\*\*(?P<text>.+?)\*\*", re.DOTALL)


class Includes(SnippetPreprocessor):
    """Resolves the includes of a text as the site's builders do, and notes what was included."""

    def __init__(self, project: Project):
        own = {"base_path": [str(project.snippets)], "restrict_base_path": True, "dedent_subsections": True}
        super().__init__(SnippetExtension().getConfigs() | own, markdown.Markdown())
        self.files: dict[Path, None] = {}

    def get_snippet_path(self, path: str) -> str | None:
        found = super().get_snippet_path(path)
        self.files |= {Path(found): None} if found else {}
        return found

    def read_lines(self, path: str) -> list[str]:
        """The lines of a file, without the empty one that Markdown does not mind but a reader of Markdown sees."""
        return Path(path).read_text().splitlines()

    @classmethod
    def written_in(cls, text: str) -> list[str]:
        """The targets of all includes that are written in a text itself, as written: a file, or a file:section."""
        found = (include["snippet"] for line in text.splitlines() if (include := cls.RE_ALL_SNIPPETS.match(line)))
        return [target[1:-1] for target in found if target]


@dataclass(frozen=True)
class Page:
    """One Markdown file of one language."""

    project: Project
    path: Path

    def __str__(self) -> str:
        return self.project.name(self.path)

    @cached_property
    def language(self) -> Language:
        code = self.path.relative_to(self.project.docs).parts[0]
        return next(language for language in self.project.languages if language.code == code)

    @property
    def relative(self) -> Path:
        """The path below the language's folder, the same in every language."""
        return self.path.relative_to(self.project.docs / self.language.code)

    def in_language(self, language: Language) -> "Page":
        return Page(self.project, self.project.docs / language.code / self.relative)

    @property
    def original(self) -> "Page":
        """The page that this one translates, or this one itself."""
        return self.in_language(self.project.original)

    @property
    def folder(self) -> str:
        """The folder of its kind; empty for a page that is of none, such as the one that lists a folder."""
        parts = self.relative.parts
        return parts[0] if len(parts) > 1 and self.slug != "index" else ""

    @property
    def kind(self) -> Kind | None:
        return self.project.kinds.get(self.folder)

    @property
    def is_entry(self) -> bool:
        return self.kind is not None and self.kind.is_entry

    @property
    def slug(self) -> str:
        return self.path.stem

    @cached_property
    def _parts(self) -> tuple[str, dict]:
        return get_data(self.path.read_text())

    @property
    def meta(self) -> dict:
        """The front matter; empty if it is missing or no valid YAML."""
        return self._parts[1]

    @property
    def title(self) -> str:
        return self.meta.get("title", "")

    @property
    def name(self) -> str:
        """What the navigation calls it; its title if it is not there."""
        return self.project.names(self.language).get(self.relative.as_posix()) or self.title

    @property
    def description(self) -> str:
        return self.meta.get("description", "")

    def row(self, shown_by: "Page | None" = None) -> str:
        """Its cells in a table: what the reader sees, why, with the facts that prove it, and what to write instead."""
        word = self.project.words(self.language)["run"]
        proofs = (proof.partition("/") for proof in self.meta.get("proofs", ()))
        links = [f"[{word}](code:{slug}/facts.py){{ #fact-{name} .run }}" for slug, _, name in proofs]
        why = f"[{self.meta['why']}]({self.link_from(shown_by)})"
        return " ".join([self.meta["see"], "|", why, *links, "|", self.meta.get("fix", "")])

    def link_from(self, page: "Page | None") -> str:
        """A relative link to it as another page writes it; as the home page does if none is given."""
        start = page.relative.parent.as_posix() if page else "."
        return posixpath.relpath(self.relative.as_posix(), start)

    @property
    def translates(self) -> str:
        """The hash of the text that it was compared with; a hash of only digits is a number in YAML."""
        return str(self.meta.get("translates"))

    @property
    def body(self) -> str:
        return self._parts[0]

    @property
    def answer(self) -> str:
        """The first sentence in bold, which says what to change; empty if there is none."""
        found = ANSWER.search(self.prose)
        return " ".join(found["text"].split()) if found else ""

    @property
    def has_short_link(self) -> bool:
        """Whether `e/<slug>/` leads to it."""
        return self.folder in self.project.linked_folders

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
        """What it includes by itself, as written."""
        return Includes.written_in(self.body)

    @cached_property
    def included(self) -> list[Path]:
        """All files that end up in it, in their order, those that an included file includes among them."""
        includes = Includes(self.project)
        includes.run(self.body.splitlines())
        return list(includes.files)

    @property
    def text(self) -> str:
        """The body with all includes resolved."""
        return "\n".join(Includes(self.project).run(self.body.strip().splitlines()))

    @property
    def links(self) -> list[str]:
        return [link["target"] for link in LINK.finditer(self.prose)]


def all_pages(project: Project, language: Language) -> list[Page]:
    return [Page(project, path) for path in sorted((project.docs / language.code).rglob("*.md"))]


def entry_pages(project: Project, language: Language | None = None) -> list[Page]:
    """The pages of entries, in the original language unless another one is named."""
    return [page for page in all_pages(project, language or project.original) if page.is_entry]
