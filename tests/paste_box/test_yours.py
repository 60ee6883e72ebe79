"""What a page says that its traceback shows is what its recordings show, and what those of its neighbours don't."""

import re

import pytest

from guide.yours import MOST_NEIGHBOURS, Sections
from tests.paste_box.conftest import recordings_of

MOST_LINES = 2
CODE = re.compile(r"`([^`]+)`")


@pytest.fixture(scope="module")
def sections(project) -> Sections:
    return Sections(project)


def test_every_entry_says_what_tells_it(sections, entries):
    for slug in entries:
        section = sections.all.get(slug)
        assert section, f"{slug} has no recording that tells"
        assert section.lines, f"add a sign of {slug} to guide.toml, below [yours.signs]"
        assert len(section.lines) <= MOST_LINES, slug
        assert len(section.neighbours) <= MOST_NEIGHBOURS, slug


def test_a_page_matches_each_of_its_own_recordings(sections):
    for slug, section in sections.all.items():
        for shown in sections.shown[slug]:
            assert section.matches(shown), f"{shown.snippet} on {shown.series} is not what the page of {slug} describes"


def test_no_recording_of_a_neighbour_matches_a_page(sections):
    assert any(section.neighbours for section in sections.all.values())
    for slug, section in sections.all.items():
        for other, line in section.neighbours.items():
            assert all(line.is_true_of(shown) for shown in sections.shown[other]), (
                f"{slug} tells {other} by what is not so"
            )
            assert not any(line.is_true_of(shown) for shown in sections.shown[slug]), f"{slug} tells {other} by its own"
            for shown in sections.shown[other]:
                assert not section.matches(shown), (
                    f"{shown.snippet} on {shown.series} is what the page of {slug} describes"
                )


def test_the_signs_of_an_entry_are_those_of_its_recordings(sections, project):
    """A sign that a new recording lacks would no longer be shown, and nothing else would say so."""
    for slug, pattern in project.data["yours"]["signs"].items():
        for shown in sections.shown[slug]:
            assert re.search(pattern, shown.evidence), f"{shown.snippet} on {shown.series} lacks the sign of {slug}"


@pytest.mark.parametrize("what", ["message", "frame"])
def test_what_is_said_to_be_contained_is_in_the_text(sections, project, what):
    """Without the machinery: the words in code, looked for as a reader would do it."""
    words = sections.words(project.original)
    before = re.escape(words[what].partition("`" if what == "frame" else "{")[0])
    found = 0
    for slug, section in sections.all.items():
        for line in section.lines:
            said = line.said(project.original)
            if re.match(before, said):
                found += 1
                for shown in sections.shown[slug]:
                    assert any(_holds(shown.text, one) for one in CODE.findall(said)), f"{shown.snippet} lacks {said}"
    assert found


def _holds(text: str, said: str) -> bool:
    """Whether all parts of what is said are in a text, in their order."""
    for part in said.split("…"):
        _, found, text = text.partition(part)
        if not found and part:
            return False
    return True


def test_every_language_has_words_for_the_same_signs(sections, project):
    signs = set(project.data["yours"]["signs"])
    for language in project.languages:
        assert set(sections.words(language)["signs"]) == signs, (
            f"the words of {language} below `yours` have other signs"
        )


def test_neighbours_are_what_the_box_names_next(sections, ask):
    """Where the box names enough entries that something tells apart, the page names no other."""
    compared = 0
    for slug, section in sections.all.items():
        snippets = {shown.snippet for shown in sections.shown[slug]}
        pastes = [lines for snippet in snippets for _, _, lines in recordings_of(snippet)]
        named = {other for found in ask(*pastes) for other in found["slugs"]} - {slug}
        told = {
            other for other in named & sections.shown.keys() if not any(map(section.matches, sections.shown[other]))
        }
        if len(told) >= MOST_NEIGHBOURS:
            compared += 1
            assert set(section.neighbours) <= named, (
                f"{slug}: the box names {sorted(told)}, not {sorted(section.neighbours)}"
            )
    assert compared
