"""Every snippet does what its file name and its mark promise, and prints what is recorded."""

import pytest

from guide.plugin import fail_with
from guide.recordings import diff, short, whole
from guide.snippets import Snippet, all_snippets, requirement_problems, size_problem
from guide.verdicts import problem


def test_a_snippet_keeps_its_promise_and_prints_its_recording(snippet, series, run, settle, settle_outcome):
    project = snippet.project
    done = run(snippet, series, snippet.driver)
    if found := problem(snippet, series, snippet.driver, done):
        pytest.fail(found, pytrace=False)
    # A refused read leaves a coroutine of the driver behind, of which Python warns: no part of a fact.
    text = whole(done.stdout, "" if snippet.is_facts else done.stderr, snippet.path)
    if str(project.root) in text:
        pytest.fail(f"{snippet} prints a path of this machine: {project.root}", pytrace=False)
    shortened = short(text, snippet.path, project)
    short_path, whole_path = snippet.recordings(series)
    why = f"{snippet} prints something else on SQLAlchemy {series}"
    settle(short_path, shortened, why)
    settle(whole_path, text if text != shortened else None, why)
    settle_outcome(snippet, series, snippet.driver, done)


def test_the_diff_between_a_before_and_its_after_is_current(snippet, settle):
    if snippet.mends:
        before = Snippet(snippet.project, snippet.counterpart)
        if not before.path.exists():
            pytest.fail(f"{snippet} has no before.py: show first what fails", pytrace=False)
        text = diff(before.plain_lines, snippet.plain_lines, snippet.path.name, before.path.name)
        settle(snippet.diff, text, f"{snippet} or its before changed")


def test_each_before_has_an_after(project):
    snippets = all_snippets(project)
    fixed = {snippet.path.parent for snippet in snippets if snippet.mends}
    for folder in {snippet.path.parent for snippet in snippets if snippet.must_fail} - fixed:
        pytest.fail(f"{project.name(folder)} has no after-….py: show at least one fix", pytrace=False)


def test_a_shown_section_fits_a_phone(snippet):
    try:
        found = size_problem(snippet)
    except ValueError as unclear:
        found = str(unclear)
    if found:
        pytest.fail(found, pytrace=False)


def test_a_snippet_asks_for_what_it_uses(snippet):
    fail_with(list(requirement_problems(snippet)))
