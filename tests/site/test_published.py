"""What was published once stays, and what is new is listed."""

import pytest

from guide.plugin import fail_with
from guide.site.published import file, gone, published, recorded


def test_what_was_published_is_still_there_and_what_is_new_is_listed(project, site, pages, settle):
    there, lines = published(site, pages), recorded(project)
    fail_with(list(gone(lines, there, pages)))
    listed = "".join(f"{line}\n" for line in sorted(lines | there))
    settle(file(project), listed, "a page or a heading is new, and will have to stay", "make published")


@pytest.mark.parametrize(
    ("cut", "message"),
    [
        ("/causes/lazy-relationship/#why", "was published and is gone: put the heading back, or leave <span id="),
        ("/ja/causes/lazy-relationship/", "was published and is gone: put it back, or move it with `make rename`"),
        ("/e/lazy-relationship/", "was published and is gone: put it back, or move it with `make rename`"),
        ("/llms.txt", "was published and is gone: put it back, or move it with `make rename`"),
    ],
)
def test_whatever_is_cut_is_named(project, cut, message):
    [found] = gone(recorded(project), recorded(project) - {cut}, [])
    assert found.startswith(f"{cut} {message}")
