"""The index of the paste box holds what the recordings tell."""

from evidence import evidence
from pages import all_pages
from project import ROOT
from snippets import all_snippets


def test_the_index_of_the_paste_box_is_current(settle):
    entries = {page.slug for page in all_pages("en") if page.is_entry}
    index = evidence([snippet for snippet in all_snippets() if snippet.slug in entries])
    settle(ROOT / "overrides" / "assets" / "evidence.json", index, "the recordings tell something else")
