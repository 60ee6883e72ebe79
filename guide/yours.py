"""The section "Is it yours?" of an entry: what its traceback shows, and what its nearest neighbours show instead.

A neighbour is an entry that the paste box ranks next for the same recordings, and that something tells apart: at
least one shown line is false for each of its recordings.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from guide.nearness import Nearness
from guide.pages import Page, entry_pages
from guide.project import Language, Project
from guide.signatures import GAP, Shown, all_shown

MOST_NEIGHBOURS = 3
# A frame that more entries have tells less.
LEAST_WEIGHT = 0.25
LEAST_MERGED = 3
# What Markdown would read in a title.
MARKUP = {ord(character): f"\\{character}" for character in "_*[]"}
CODE = re.compile(r"<code>(.*?)</code>")


@dataclass(frozen=True)
class Line:
    """Something that a reader can check: which recordings it is true of, and how it is said in a language.

    A clause is put into a sentence, or before the link to a neighbour.
    """

    is_true_of: Callable[[Shown], bool]
    said: Callable[[Language], str]
    is_clause: bool = True


@dataclass(frozen=True)
class Section:
    """The lines that are true of an entry, and of each neighbour one that is true of it instead."""

    lines: list[Line]
    neighbours: dict[str, Line]

    def matches(self, shown: Shown) -> bool:
        return all(line.is_true_of(shown) for line in self.lines)


class Sections:
    """The sections of all entries of a project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.shown = all_shown(project)
        self.nearness = Nearness(project, self.shown)

    @cached_property
    def all(self) -> dict[str, Section]:
        """Each section by the slug of its entry."""
        return {slug: self._section(slug) for slug in self.shown}

    def _section(self, slug: str) -> Section:
        section = Section(self._lines(slug), {})
        for other in self.nearness.nearest(slug):
            apart = [line for line in self._clauses(other) if not any(map(line.is_true_of, self.shown[slug]))]
            if apart and not any(map(section.matches, self.shown[other])) and len(section.neighbours) < MOST_NEIGHBOURS:
                section.neighbours[other] = apart[0]
        return section

    def _lines(self, slug: str) -> list[Line]:
        """At most two: the message, or the reason that the paste box names, and what else tells the entry."""
        first = [*self._message(slug), *self._reason(slug)]
        second = [*self._sign(slug), *([] if self._message(slug) else self._needed(first, self._frame(slug)))]
        return [*first[:1], *second[:1]]

    def _needed(self, first: list[Line], frames: list[Line]) -> list[Line]:
        """The frames, unless the first line alone tells the entry from all others that raise MissingGreenlet."""
        others = [one for found in self.shown.values() for one in found if not one.words]
        alike = [one for one in others if all(line.is_true_of(one) for line in first)]
        return [line for line in frames if not all(map(line.is_true_of, alike))]

    def _clauses(self, slug: str) -> list[Line]:
        """What is true of each recording of an entry, the easiest to check first."""
        return [*self._message(slug), *self._sign(slug), *self._frame(slug), *self._reason_frame(slug)]

    def _message(self, slug: str) -> list[Line]:
        says = sorted({shown.says for shown in self.shown[slug]})
        if not all(says):
            return []
        merged = _merged(says)

        def said(language: Language) -> str:
            words = self.words(language)
            *others, last = (f"`{one}`" for one in merged)
            shown = words["or"].join([words["comma"].join(others), last] if others else [last])
            return words["message"].format(shown=shown)

        return [Line(lambda shown: any(_contains(shown.text, one) for one in merged), said)]

    def _reason(self, slug: str) -> list[Line]:
        """What the paste box says of its reason, and the shape of the SQL, if all recordings agree in them."""
        reasons = {shown.reason for shown in self.shown[slug]}
        shapes = {shown.shape for shown in self.shown[slug] if shown.shape}
        reason = next(iter(reasons))
        if len(reasons) > 1 or reason is None:
            return []
        told = shapes if len(shapes) == 1 else set()

        def said(language: Language) -> str:
            return _joined(
                [self._said_of(reason, language), *(self.words(language)["shapes"][one] for one in told)], language
            )

        def is_true_of(shown: Shown) -> bool:
            return shown.reason == reason and (not told or shown.shape in {None, *told})

        return [Line(is_true_of, said, is_clause=False)]

    def _reason_frame(self, slug: str) -> list[Line]:
        reasons = {shown.reason for shown in self.shown[slug]}
        tokens = {one["token"] for one in self.project.data["paste-box"]["reasons"] if {one["reason"]} == reasons}
        return [self._contains_frame(slug, token) for token in tokens]

    def _sign(self, slug: str) -> list[Line]:
        pattern = self.project.data["yours"]["signs"].get(slug)
        sign = re.compile(pattern or "")
        line = Line(
            lambda shown: bool(sign.search(shown.evidence)), lambda language: self.words(language)["signs"][slug]
        )
        return [line] if pattern else []

    def _frame(self, slug: str) -> list[Line]:
        """The package or frame that fewest others have, if all recordings have it."""
        weights = self.nearness.token_weights
        common = frozenset.intersection(*(shown.tokens for shown in self.shown[slug]))
        telling = [one for one in common if weights[one] > LEAST_WEIGHT and not one.startswith("SQL.")]
        best = sorted(telling, key=lambda one: (not one.startswith("package."), -weights[one], one))
        return [self._contains_frame(slug, token) for token in best[:1]]

    def _contains_frame(self, slug: str, token: str) -> Line:
        kind, _, name = token.removeprefix("called.").partition(".")
        known = self.shown[slug][0].names.get(f"{kind}.{name}", name)

        def said(language: Language) -> str:
            return self.words(language)["package" if kind == "package" else "frame"].format(name=known)

        return Line(lambda shown: token in shown.tokens, said)

    def words(self, language: Language) -> dict:
        return self.project.words(language)["yours"]

    def _said_of(self, reason: str, language: Language) -> str:
        """The paste box's sentence for a reason, which stands in the home page."""
        home = (self.project.docs / language.code / "index.md").read_text()
        found = re.search(rf'<template data-words="{reason}"><p>(.*?)</p></template>', home)
        return CODE.sub(r"`\1`", found[1]) if found else ""


def _contains(text: str, said: str) -> bool:
    """Whether a text has a message, whatever stands in its gaps."""
    return bool(re.search("[^\n]*?".join(map(re.escape, said.split(GAP))), text))


def _merged(says: list[str]) -> list[str]:
    """Three and more messages that differ in one word alone as one, with a gap there."""
    words = [one.split(" ") for one in says]
    differing = [place for place, column in enumerate(zip(*words, strict=False)) if len(set(column)) > 1]
    if len(says) < LEAST_MERGED or len(set(map(len, words))) > 1 or len(differing) > 1:
        return says
    return [" ".join(GAP if place in differing else word for place, word in enumerate(words[0]))]


def _joined(sentences: list[str], language: Language) -> str:
    return (" " if language.spaced else "").join(sentences)


def sections(project: Project) -> dict[Path, str]:
    """The files to include, one for each entry and each language, and what has to be in each."""
    found = Sections(project)
    files = {}
    for language in project.languages:
        pages = {page.slug: page.in_language(language) for page in entry_pages(project)}
        for slug, section in found.all.items():
            path = project.snippets / slug / "recorded" / f"yours.{language}.md"
            files[path] = "\n".join(_written(section, pages, pages[slug], found.words(language)))
    return files


def _written(section: Section, pages: dict[str, Page], page: Page, words: dict) -> Iterator[str]:
    language = page.language
    kinds = ["also" if line is not section.lines[-1] else "lead" for line in section.lines]
    lines = [_sentence(line, words[kind], language) for line, kind in zip(section.lines, kinds, strict=True)]
    yield _joined(lines, language) + "\n"
    if section.neighbours:
        yield words["others"] + "\n"
    for slug, line in section.neighbours.items():
        there = pages[slug]
        folder = "" if there.path.parent == page.path.parent else f"../{there.path.parent.name}/"
        link = f"[{there.name.translate(MARKUP)}]({folder}{there.path.name})"
        yield words["other"].format(clause=line.said(language), link=link)
    if section.neighbours:
        yield ""


def _sentence(line: Line, sentence: str, language: Language) -> str:
    said = line.said(language)
    return sentence.format(clause=said, Clause=capitalised(said)) if line.is_clause else said


def capitalised(clause: str) -> str:
    return clause[:1].upper() + clause[1:]
