"""What a recording is dressed in, cut off to or surrounded by does not change what the paste box's scripts answer."""

from itertools import pairwise

import pytest

from tests.paste_box.pastes import BY_LIBRARIES, DISGUISES, TAILS

# What structlog says where it left the middle out, and with it perhaps what tells the causes apart.
LEFT_OUT = "Skipped frames: "
# What shows frames without the lines that stand there.
SOURCELESS = {"json_frames"}
# A sign says it, but only where no other error is in the same part of a text.
BY_SIGN_ALONE = {
    "snippets/scoped-session/before.py",
    "snippets/serializers/before-msgspec.py",
    "snippets/sync-driver/before-postgresql.py",
}
# An error that several causes share.
ERROR = ("snippets/expired-after-commit/before.py", "2.1")
OTHER = """\
Traceback (most recent call last):
  File "/srv/app/jobs.py", line 8, in run
    settings["queue"]
KeyError: 'queue'
"""
NOISE = ["INFO:     Started server process [4242]", 'INFO:     127.0.0.1:52314 - "GET /users HTTP/1.1" 500', ""]
# What Pydantic 1 adds between the reader's line and SQLAlchemy: as a part of Pydantic 2, and compiled.
FROM_ORM = {
    "pydantic.v1": """\
  File "/usr/local/lib/python3.12/site-packages/pydantic/v1/main.py", line 600, in from_orm
    values, fields_set, validation_error = validate_model(cls, obj)
  File "/usr/local/lib/python3.12/site-packages/pydantic/v1/main.py", line 1076, in validate_model
    value = input_data.get(field.alias, _missing)
  File "/usr/local/lib/python3.12/site-packages/pydantic/v1/utils.py", line 440, in get
    return getattr(self._obj, key, default)
""",
    "compiled": """\
  File "pydantic/main.py", line 578, in pydantic.main.BaseModel.from_orm
  File "pydantic/main.py", line 1038, in pydantic.main.validate_model
  File "pydantic/utils.py", line 435, in pydantic.utils.GetterDict.get
""",
}


def without_own_lines(snippet, lines):
    """A recording without the source line below each frame of the reader's own."""
    return [line for above, line in pairwise(["", *lines]) if f'File "{snippet.path.name}"' not in above]


@pytest.fixture(scope="module")
def answers(recordings, ask):
    """What the scripts make of each recording as Python printed it."""
    found = ask(*(lines for _, _, lines in recordings))
    return {(snippet, series): answer for (snippet, series, _), answer in zip(recordings, found, strict=True)}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_disguise_does_not_change_the_answer(recordings, ask, answers, disguised, disguise):
    """Of each entry one recording where a library has to make the paste, which takes a while."""
    if disguise in BY_LIBRARIES or disguise == "pytest_in_ci":
        recordings = list({snippet.slug: (snippet, *rest) for snippet, *rest in recordings}.values())
    expected = [answers[snippet, series] for snippet, series, _ in recordings]
    if disguise in SOURCELESS:
        # What an own line says breaks ties.
        expected = ask(*(without_own_lines(snippet, lines) for snippet, _, lines in recordings))
    pastes = [disguised(disguise, lines) for _, _, lines in recordings]
    for (snippet, series, _), paste, there, here in zip(recordings, pastes, expected, ask(*pastes), strict=True):
        assert snippet.slug in here["slugs"], f"{snippet} on {series}: {here}"
        if any(LEFT_OUT in line for line in paste):
            continue
        assert (here["state"], here["first"]) == (there["state"], there["first"]), f"{snippet} on {series}"
        program = [line.strip() for line in snippet.lines]
        if there["source"] in program and disguise not in SOURCELESS:
            assert here["source"], f"{snippet} on {series}: {here}"
            assert any(line.startswith(here["source"]) for line in program), f"{snippet} on {series}: {here}"


def test_a_traceback_copied_from_a_page_is_read_like_the_one_that_python_printed(recordings, ask, answers):
    """A page shows the frames of libraries without the numbers of their lines."""
    copied = ask(*(snippet.recorded(series).splitlines() for snippet, series, _ in recordings))
    for (snippet, series, _), here in zip(recordings, copied, strict=True):
        there = answers[snippet, series]
        assert (here["state"], here["first"]) == (there["state"], there["first"]), f"{snippet} on {series}"


def test_a_coroutine_that_asyncpg_left_leads_to_the_loop_and_to_no_missing_await(ask):
    [answer] = ask(["RuntimeWarning: coroutine 'Connection._cancel' was never awaited"])
    assert (answer["state"], answer["first"]) == ("found", "different-loop")


def test_a_coroutine_that_sqlalchemy_left_says_missing_greenlet_and_no_more(ask):
    [answer] = ask(["RuntimeWarning: coroutine 'AsyncAdapt_asyncpg_cursor._prepare_and_execute' was never awaited"])
    assert answer["state"] == "ambiguous"


def test_a_codec_that_nobody_awaited_leads_to_the_listener_before_a_missing_await(ask):
    [answer] = ask(["RuntimeWarning: coroutine 'Connection.set_type_codec' was never awaited"])
    assert (answer["state"], answer["slugs"]) == ("found", ["async-event-listener", "missing-await"])


def test_a_connection_that_was_closed_for_a_request_given_up_is_told_from_any_other_that_was(ask):
    lines = [
        "Exception terminating connection <AdaptedConnection <Connection(Thread-1, started daemon 1)>>",
        "Traceback (most recent call last):",
        '  File "/srv/.venv/lib/python3.12/site-packages/sqlalchemy/pool/base.py", line 372, in _close_connection',
        "    self._dialect.do_terminate(connection)",
    ]
    scope = "asyncio.exceptions.CancelledError: Cancelled by cancel scope 7f3c"
    given_up, other = ask([*lines, scope], [*lines, "asyncio.exceptions.CancelledError"])
    assert (given_up["state"], given_up["first"]) == ("found", "connection-not-returned")
    assert other["state"] == "unknown"


# What has no recording: messages of pip, and of SQLAlchemy 1.4. Each without what would be said of another package.
WITHOUT_RECORDING = {
    "ERROR: Could not build wheels for greenlet, which is required to install": "greenlet-import",
    "Running setup.py install for greenlet ... error": "greenlet-import",
    "error: legacy-install-failure\n╰─> greenlet": "greenlet-import",
    "ModuleNotFoundError: No module named 'greenlet'": "greenlet-not-installed",
    "InvalidRequestError: No column-based properties specified for refresh operation.": "refresh-relationship",
}


@pytest.mark.parametrize("text", WITHOUT_RECORDING)
def test_a_message_without_a_recording_is_answered_by_its_sign(ask, text):
    [answer, other] = ask([text], [text.replace("greenlet", "numpy").replace("column", "key")])
    assert (answer["state"], answer["first"]) == ("found", WITHOUT_RECORDING[text])
    assert other["state"] == "unknown"


@pytest.mark.parametrize("frames", FROM_ORM.values(), ids=FROM_ORM)
@pytest.mark.parametrize("cause", ["lazy-relationship", "self-referential-depth", "expired-after-commit"])
def test_from_orm_in_between_is_named_before_the_cause(all_recordings, ask, frames, cause):
    found = [(snippet, series, lines) for snippet, series, lines in all_recordings if snippet.slug == cause]
    reads = [next(at for at, line in enumerate(lines) if "orm/attributes.py" in line) for _, _, lines in found]
    pastes = [[*lines[:at], *frames.splitlines(), *lines[at:]] for (_, _, lines), at in zip(found, reads, strict=True)]
    alone = ask(*(lines for _, _, lines in found))
    for (snippet, series, _), there, here in zip(found, alone, ask(*pastes), strict=True):
        assert (here["state"], here["first"]) == ("found", "pydantic-from-attributes"), f"{snippet} on {series}: {here}"
        assert cause in here["slugs"], f"{snippet} on {series}: {there} without these frames, {here} with them"


@pytest.mark.parametrize("method", ["commit", "delete", "flush", "rollback", "refresh", "close"])
def test_a_call_whose_result_nobody_uses_is_told_from_one_whose_result_is_missed(ask, method):
    lines = [f"/app/users.py:8: RuntimeWarning: coroutine 'AsyncSession.{method}' was never awaited"]
    answers = ask(lines, [lines[0].replace(method, "scalars")])
    assert [(answer["state"], answer["first"]) for answer in answers] == [
        ("found", "commit-not-awaited"),
        ("found", "missing-await"),
    ]


def test_frames_alone_are_read_although_all_begin_with_the_same_word(ask):
    places = ['orm/attributes.py", line 566, in __get__', 'orm/state.py", line 803, in _load_expired']
    frames = [f'  File "site-packages/sqlalchemy/{place}' for place in places]
    [answer] = ask(['  File "app/users.py", line 8, in show', *frames, *frames[1:]])
    assert answer["state"] == "found"


@pytest.mark.parametrize("length", TAILS)
def test_the_end_of_a_traceback_never_leads_elsewhere(recordings, ask, length):
    answers = ask(*(lines[-length:] for _, _, lines in recordings))
    for (snippet, series, _), answer in zip(recordings, answers, strict=True):
        assert answer["state"] != "found" or snippet.slug in answer["slugs"], f"{snippet} on {series}: {answer}"


def test_noise_around_a_traceback_does_not_change_the_answer(recordings, ask):
    expected = ask(*(lines for _, _, lines in recordings))
    for noisy in (lambda lines: [*NOISE, *lines, *NOISE], lambda lines: [*OTHER.splitlines(), "", *lines]):
        answers = ask(*(noisy(lines) for _, _, lines in recordings))
        for (snippet, series, _), there, here in zip(recordings, expected, answers, strict=True):
            assert (here["state"], here["slugs"]) == (there["state"], there["slugs"]), f"{snippet} on {series}"


def test_two_errors_in_one_paste_are_both_answered(recordings, ask):
    known = [one for one in recordings if str(one[0]) not in BY_SIGN_ALONE]
    pairs = [(one, other) for one in known[::7] for other in known[3::11] if one[0].slug != other[0].slug]
    answers = ask(*([*one[2], "", *other[2]] for one, other in pairs))
    for (one, other), answer in zip(pairs, answers, strict=True):
        assert {one[0].slug, other[0].slug} <= set(answer["slugs"]), (
            f"{one[0]} and {other[0]} in one paste: one of them is not among {answer['slugs']}; compare with each alone"
        )


def test_a_syntax_error_below_another_error_hides_nothing_of_it(recordings, ask):
    """It has no line that says where it begins, and its frame is no call."""
    [without_header, *_] = [lines for snippet, _, lines in recordings if snippet.slug == "await-outside-async"]
    known = [one for one in recordings if str(one[0]) not in BY_SIGN_ALONE]
    answers = ask(*([*lines, "", *without_header] for _, _, lines in known))
    for (snippet, series, _), answer in zip(known, answers, strict=True):
        assert {snippet.slug, "await-outside-async"} <= set(answer["slugs"]), f"{snippet} on {series}: {answer}"


LONG = {
    "one letter": "a",
    "empty lines": "\n",
    "dotted names": "a.a.",
    "beginnings of frames": 'File "',
    "frames": 'File "x.py", line 1, in f\n',
    "headers": "Traceback (most recent call last):\n",
    "boxes": "│ a\n",
    "colours": "\x1b[0",
    "escapes": '\\n  File \\"',
    "statements": "[SQL: SELECT a.b, WHERE (? = ",
    "locations": "'loc': ('a', Error extracting attribute",
    "messages": "greenlet_spawn has not been called ",
    "arrows": "--> 1 ",
    "pytest": "E   x\n",
    "functions at length": "E   x\n    def f(\nx.py:1: \n",
    "cells": "Cell In[1], line 1, in f\n",
    "beginnings of files": ".py File ",
    "beginnings of cells": "> File Cell In[1",
    "generated files": ".py <",
    "logged errors": '"exc_type": "A", "exc_value": "',
    "logged frames": '"exc_type": "A", "exc_value": "", "filename": "a", "lineno": 1, "name": "f", ',
    "beginnings of logged frames": '"exc_type": "A", "exc_value": "", "filename": "a", "lineno": ',
}


@pytest.mark.parametrize("piece", LONG.values(), ids=LONG)
def test_a_megabyte_of_anything_is_read_to_its_end(ask, piece):
    """What takes time in proportion to the square of the input would take minutes here."""
    [answer] = ask([(piece * 1_000_000)[:1_000_000]])
    assert answer["state"] in ("empty", "found", "ambiguous", "unknown")


# What the patterns that tell equal causes apart look for; they are tried where there is an error to tell.
TELLING = {
    "unique": "IntegrityError ",
    "responses": "in serialize_response ",
    "models": "pydantic/main ",
    "marks": "^",
    "attributes": "a.b.c ",
    "subqueries": "[SQL: SELECT (SELECT ",
    "never awaited": "coroutine 'a.",
    "logged": '"exc_type": "',
}


@pytest.mark.parametrize("piece", TELLING.values(), ids=TELLING)
def test_a_megabyte_with_an_error_is_read_to_its_end(recordings, ask, piece):
    """As above, before the error and after it."""
    [lines] = [lines for snippet, series, lines in recordings if (str(snippet), series) == ERROR]
    many = (piece * 1_000_000)[:1_000_000]
    for answer in ask([many, *lines], [*lines, many]):
        assert answer["state"] in ("empty", "found", "ambiguous", "unknown")
