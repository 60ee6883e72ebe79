"""What is generated is current, and nothing is left of what no longer is."""

from guide.generated import left_over, stale
from guide.plugin import fail_with


def test_all_generated_files_are_current(project):
    fail_with(stale(project))


def test_no_recording_is_left_of_what_is_no_snippet_any_more(project):
    fail_with(left_over(project))
