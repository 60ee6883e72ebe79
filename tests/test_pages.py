"""The pages of both languages say the same, show every snippet and recording, and lead nowhere wrong."""

import pytest

from pages import PAGE_CHECKS, all_pages, home_problems, navigation_problems, pages_missing, unfinished, unshown
from project import LANGUAGES

PAGES = [page for language in LANGUAGES for page in all_pages(language)]


def fail_with(problems) -> None:
    if found := list(problems):
        pytest.fail("\n".join(found), pytrace=False)


@pytest.mark.parametrize("check", PAGE_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("document", PAGES, ids=str)
def test_a_page_has_no_problems(document, check):
    fail_with(check(document))


def test_every_entry_has_a_page_in_every_language():
    fail_with(pages_missing())


def test_every_snippet_and_every_recording_is_shown_in_every_language():
    fail_with(unshown())


def test_every_page_is_in_the_navigation_of_both_languages():
    fail_with(navigation_problems())


def test_every_entry_has_a_row_on_the_home_page():
    fail_with(home_problems())


def test_nothing_that_was_begun_is_left_unfinished():
    fail_with(unfinished())
