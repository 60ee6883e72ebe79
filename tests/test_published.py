"""What was published once stays, and what is new is listed."""

import pytest

from finishing.replies import TABLES, table
from project import LANGUAGES
from published import PUBLISHED, gone, published, recorded
from site_builder import built_pages


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_of_short_links_is_current(settle, language):
    settle(TABLES[language], table(language), "an entry or a title changed", "make published")


def test_what_was_published_is_still_there_and_what_is_new_is_listed(site, settle):
    pages = built_pages(site)
    there = published(site, pages)
    if found := list(gone(recorded(), there, pages)):
        pytest.fail("\n".join(found), pytrace=False)
    lines = "".join(f"{line}\n" for line in sorted(recorded() | there))
    settle(PUBLISHED, lines, "a page or a heading is new, and will have to stay", "make published")


@pytest.mark.parametrize(
    ("cut", "message"),
    [
        ("/causes/lazy-relationship/#why", "was published and is gone: put the heading back, or leave <span id="),
        ("/ja/causes/lazy-relationship/", "was published and is gone: put it back, or move it with `make rename`"),
        ("/e/lazy-relationship/", "was published and is gone: put it back, or move it with `make rename`"),
        ("/llms.txt", "was published and is gone: put it back, or move it with `make rename`"),
    ],
)
def test_whatever_is_cut_is_named(cut, message):
    [found] = gone(recorded(), recorded() - {cut}, [])
    assert found.startswith(f"{cut} {message}")
