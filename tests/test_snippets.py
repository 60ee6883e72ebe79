"""Every snippet does what its file name and its mark promise, and prints what is recorded."""

import re

import pytest

from matrix import verified
from project import ROOT, SERIES, SNIPPETS, name
from recordings import diff, short, whole
from runner import Subprocesses
from snippets import Snippet, all_snippets, problem, size_problem

ALL = all_snippets()
AFTERS = [snippet for snippet in ALL if snippet.mends]
PROOF = Snippet(SNIPPETS / "lazy-relationship" / "before.py")


@pytest.mark.parametrize("snippet", ALL, ids=str)
def test_a_snippet_keeps_its_promise_and_prints_its_recording(snippet, series, run, settle, settle_outcome):
    done = run(snippet, series, snippet.driver)
    if found := problem(snippet, series, snippet.driver, done):
        pytest.fail(found, pytrace=False)
    text = whole(done.stdout, done.stderr, snippet.path)
    if str(ROOT) in text:
        pytest.fail(f"{snippet} prints a path of this machine: {ROOT}", pytrace=False)
    shortened = short(text, snippet.path)
    short_path, whole_path = snippet.recordings(series)
    why = f"{snippet} prints something else on SQLAlchemy {series}"
    settle(short_path, shortened, why)
    settle(whole_path, text if text != shortened else None, why)
    settle_outcome(snippet, series, snippet.driver, done)


@pytest.mark.parametrize("snippet", AFTERS, ids=str)
def test_the_diff_between_a_before_and_its_after_is_current(snippet, settle):
    before = Snippet(snippet.counterpart)
    if not before.path.exists():
        pytest.fail(f"{snippet} has no before.py: show first what fails", pytrace=False)
    text = diff(before.plain_lines, snippet.plain_lines, snippet.path.name, before.path.name)
    settle(snippet.diff, text, f"{snippet} or its before changed")


def test_each_before_has_an_after():
    for folder in {snippet.path.parent for snippet in ALL if snippet.must_fail} - {
        snippet.path.parent for snippet in AFTERS
    }:
        pytest.fail(f"{name(folder)} has no after-….py: show at least one fix", pytrace=False)


def test_each_recording_belongs_to_a_snippet(settle):
    expected = {snippet.diff for snippet in AFTERS}
    expected |= {path for snippet in ALL for series in SERIES for path in snippet.recordings(series)}
    expected |= {verified(snippet.slug) for snippet in ALL}
    for path in sorted(path for path in SNIPPETS.glob("*/recorded/**/*") if path.is_file()):
        if path not in expected:
            settle(path, None, "no snippet prints it")


@pytest.mark.parametrize("snippet", ALL, ids=str)
def test_a_shown_section_fits_a_phone(snippet):
    try:
        found = size_problem(snippet)
    except ValueError as unclear:
        found = str(unclear)
    if found:
        pytest.fail(found, pytrace=False)


def test_a_forked_run_prints_what_python_itself_prints(series, runner):
    def without_addresses(text: str) -> str:
        return re.sub(r"0x[0-9a-f]+|%\(\d+", "…", text)

    forked, real = runner(series).run(PROOF.path), Subprocesses(series).run(PROOF.path)
    assert forked.status == real.status
    assert forked.stdout == real.stdout
    assert without_addresses(forked.stderr) == without_addresses(real.stderr)
    assert forked.stderr.startswith("Traceback")
