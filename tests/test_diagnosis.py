"""The paste box answers every recording by its own entry, whatever it is dressed in, and treats all text as text."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from pages import all_pages
from pastes import DISGUISES, TAILS, plain
from project import LANGUAGES, SERIES
from project import SNIPPETS as SNIPPETS_FOLDER
from site_builder import FOLDERS
from snippets import Snippet, all_snippets

ENTRIES = {page.slug for page in all_pages("en") if page.is_entry}
SNIPPETS = [snippet for snippet in all_snippets() if snippet.slug in ENTRIES]
STATES = {"empty", "found", "ambiguous", "unknown"}
# What no text can tell apart: a traceback begins when the attribute is read, and what was done before is not in it.
INDISTINGUISHABLE = {
    "the same lazy load of a relationship": {
        "lazy-relationship",
        "new-object-relationship",
        "identity-map",
        "nested-relationship",
        "self-referential-depth",
        "refresh-relationship",
        "join-not-eager",
        "get-ignores-options",
        "collection-mutation",
        "merge-result",
        "model-property",
        "except-missing-greenlet",
    },
    "the same reload of a row, whatever expired it": {
        "onupdate-column",
        "expired-after-commit",
        "expired-after-rollback",
        "explicit-expire",
        "column-property",
        "polymorphic-column",
        "bulk-update",
        "sql-expression-value",
        "refresh-cascade",
        "server-default",
    },
}
UNKNOWN = {"snippets/get-ignores-options/before-stale.py": "Python raises this ValueError for any wrong unpacking"}
OTHER = """\
Traceback (most recent call last):
  File "/srv/app/jobs.py", line 8, in run
    settings["queue"]
KeyError: 'queue'
"""
NOISE = ["INFO:     Started server process [4242]", 'INFO:     127.0.0.1:52314 - "GET /users HTTP/1.1" 500', ""]

ASK = """(texts) => {
  const box = document.querySelector("textarea#traceback");
  const output = document.querySelector("#diagnosis");
  return texts.map((text) => {
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    const slugs = [...output.querySelectorAll("[data-slug]")].map((link) => link.dataset.slug);
    return { state: output.dataset.state, slugs, first: output.querySelector("ol [data-slug]")?.dataset.slug };
  });
}"""


def recordings() -> Iterator[tuple[Snippet, str, list[str]]]:
    """Each failing snippet, each series on which it fails, and the recording as Python printed it there."""
    for snippet in SNIPPETS:
        for series in SERIES:
            if snippet.must_fail and any(mark.series in (None, series) for mark in snippet.marks):
                short, whole = snippet.recordings(series)
                yield snippet, series, plain((whole if whole.exists() else short).read_text())


RECORDINGS = [recording for recording in recordings() if str(recording[0]) not in UNKNOWN]


@pytest.fixture(scope="module", params=LANGUAGES)
def home(request, browser, address):
    """The home page of one language, ready to be asked."""
    page = browser.new_page()
    page.goto(address + FOLDERS[request.param], wait_until="networkidle")
    page.wait_for_function("document.querySelector('#diagnosis').dataset.ready === 'true'")
    yield page
    page.close()


def ask(page: Page, *pastes: list[str]) -> list[dict]:
    return page.evaluate(ASK, ["\n".join(lines) for lines in pastes])


def may_stand_before(slug: str) -> set[str]:
    return {other for group in INDISTINGUISHABLE.values() if slug in group for other in group}


def test_every_recording_is_answered_by_its_own_entry(home):
    answers = ask(home, *(lines for _, _, lines in RECORDINGS))
    for (snippet, series, _), answer in zip(RECORDINGS, answers, strict=True):
        assert answer["state"] == "found", f"{snippet} on {series}: {answer}"
        assert snippet.slug in answer["slugs"], f"{snippet} on {series}: {answer}"
        before = set(answer["slugs"][: answer["slugs"].index(snippet.slug)])
        assert before <= may_stand_before(snippet.slug), (
            f"{snippet} on {series}: the paste box names {', '.join(before)} first; if nothing in a traceback tells "
            f"them apart, add {snippet.slug} to their group in INDISTINGUISHABLE"
        )


def test_what_nobody_can_know_is_not_guessed(home):
    unknown = [lines for snippet, _, lines in recordings() if str(snippet) in UNKNOWN]
    assert unknown
    assert {answer["state"] for answer in ask(home, *unknown)} == {"unknown"}


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES)
def test_a_disguise_does_not_change_the_answer(home, disguise):
    expected = ask(home, *(lines for _, _, lines in RECORDINGS))
    answers = ask(home, *(disguise(lines) for _, _, lines in RECORDINGS))
    for (snippet, series, _), there, here in zip(RECORDINGS, expected, answers, strict=True):
        assert (here["state"], here["first"]) == (there["state"], there["first"]), f"{snippet} on {series}"
        assert snippet.slug in here["slugs"], f"{snippet} on {series}: {here}"


@pytest.mark.parametrize("length", TAILS)
def test_the_end_of_a_traceback_never_leads_elsewhere(home, length):
    answers = ask(home, *(lines[-length:] for _, _, lines in RECORDINGS))
    for (snippet, series, _), answer in zip(RECORDINGS, answers, strict=True):
        assert answer["state"] != "found" or snippet.slug in answer["slugs"], f"{snippet} on {series}: {answer}"


def test_noise_around_a_traceback_does_not_change_the_answer(home):
    expected = ask(home, *(lines for _, _, lines in RECORDINGS))
    for noisy in (lambda lines: [*NOISE, *lines, *NOISE], lambda lines: [*OTHER.splitlines(), "", *lines]):
        answers = ask(home, *(noisy(lines) for _, _, lines in RECORDINGS))
        for (snippet, series, _), there, here in zip(RECORDINGS, expected, answers, strict=True):
            assert here == there, f"{snippet} on {series}"


def test_two_errors_in_one_paste_are_both_answered(home):
    pairs = [(one, other) for one in RECORDINGS[::7] for other in RECORDINGS[3::11] if one[0].slug != other[0].slug]
    answers = ask(home, *([*one[2], "", *other[2]] for one, other in pairs))
    for (one, other), answer in zip(pairs, answers, strict=True):
        assert {one[0].slug, other[0].slug} <= set(answer["slugs"]), (
            f"{one[0]} and {other[0]} in one paste: one of them is not among {answer['slugs']}; compare with each alone"
        )


def test_a_syntax_error_below_another_error_hides_nothing_of_it(home):
    """It has no line that says where it begins, and its frame is no call."""
    [without_header, *_] = [lines for snippet, _, lines in RECORDINGS if snippet.slug == "await-outside-async"]
    answers = ask(home, *([*lines, "", *without_header] for _, _, lines in RECORDINGS))
    for (snippet, series, _), answer in zip(RECORDINGS, answers, strict=True):
        assert {snippet.slug, "await-outside-async"} <= set(answer["slugs"]), f"{snippet} on {series}: {answer}"


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("How do I install this?", "unknown"),
        ("KeyError: 'organization'", "unknown"),
        ("AttributeError: 'NoneType' object has no attribute 'name'", "unknown"),
        ("ModuleNotFoundError: No module named 'asyncpg'", "unknown"),
        ("sqlalchemy.exc.IntegrityError: (sqlite3.IntegrityError) UNIQUE constraint failed: users.name", "unknown"),
        (
            "pydantic_core._pydantic_core.ValidationError: 1 validation error for User\nname\n  Field required",
            "unknown",
        ),
        (
            "sqlalchemy.exc.MissingGreenlet: greenlet_spawn has not been called; can't call await_only() here.",
            "ambiguous",
        ),
    ],
)
def test_a_text_without_evidence_is_no_answer(home, text, state):
    [answer] = ask(home, [text])
    assert answer["state"] == state
    assert bool(answer["slugs"]) == (state == "ambiguous")


HTML = [
    "<script>document.title = 'owned'</script>",
    "<img src=x onerror=\"document.title = 'owned'\">",
    '<a href="javascript:document.title=1" data-slug="x">x</a>',
    "</textarea><iframe src=//127.0.0.2/></iframe>",
    "<svg onload=alert(1)>",
]
FRAGMENTS = [
    *HTML,
    "Traceback (most recent call last):",
    '  File "/srv/app/{}.py", line 3, in <img/src=x>',
    '  File "/x/site-packages/sqlalchemy/orm/strategies.py", line 978, in _emit_lazyload',
    "sqlalchemy.exc.MissingGreenlet: greenlet_spawn has not been called; can't call await_only() here.",
    "[SQL: SELECT <b>.x FROM <b> WHERE ? = <b>.y]",
    "'loc': ('response', '<u>', 0, 'javascript:alert(1)'), 'msg': \"Error extracting attribute: MissingGreenlet",
    "lazy load operation of attribute '<i>' cannot proceed",
    "__proto__ constructor toString",
    '\x1b[31m\\n  File \\"',
]
INSPECT = """(text) => {
  const box = document.querySelector("textarea#traceback");
  const output = document.querySelector("#diagnosis");
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  return {
    state: output.dataset.state,
    tags: [...new Set([...output.querySelectorAll("*")].map((element) => element.localName))],
    hrefs: [...output.querySelectorAll("[href]")].map((link) => link.getAttribute("href")),
    scripts: document.scripts.length,
    title: document.title,
    stored: localStorage.length + sessionStorage.length + document.cookie.length,
  };
}"""


def test_no_text_becomes_markup_or_leaves_the_page(home):
    requests: list[str] = []
    errors: list[str] = []
    home.on("request", lambda request: requests.append(request.url))
    home.on("pageerror", lambda error: errors.append(str(error)))
    clean = home.evaluate(INSPECT, "")
    links = set(home.eval_on_selector_all("article table a", "links => links.map(a => a.getAttribute('href'))"))

    @settings(max_examples=1000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=80)), max_size=12))
    def paste(lines):
        seen = home.evaluate(INSPECT, "\n".join(lines))
        assert seen["state"] in STATES
        assert set(seen["tags"]) <= {"p", "b", "code", "ol", "ul", "li", "a", "br"}
        assert set(seen["hrefs"]) <= links
        assert {key: seen[key] for key in ("scripts", "title", "stored")} == {
            key: clean[key] for key in ("scripts", "title", "stored")
        }

    paste()
    assert requests == []
    assert errors == []


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
}


@pytest.mark.parametrize("piece", LONG.values(), ids=LONG)
def test_a_megabyte_of_anything_does_not_hang_the_page(home, piece):
    """An input that takes time in proportion to its square would take minutes here."""
    home.set_default_timeout(5000)
    assert home.evaluate(ASK, [(piece * 1_000_000)[:1_000_000]])[0]["state"] in STATES
    assert len(home.locator("#traceback").input_value()) <= 50_000


def test_a_recording_shows_the_readers_own_line_and_what_was_read(home):
    path = SNIPPETS_FOLDER / "lazy-relationship" / "before.py"
    [lazy] = [lines for snippet, series, lines in RECORDINGS if snippet.path == path and series == "2.1"]
    ask(home, lazy)
    answer = home.locator("#diagnosis").inner_text()
    assert "before.py" in answer
    assert "user.organization.name" in answer
    assert "organizations" in answer


def test_the_box_is_labelled_and_its_answer_is_announced(home):
    assert home.get_by_label("Paste the traceback").or_(home.get_by_label("トレースバックか")).count() == 1
    assert home.locator("#diagnosis").get_attribute("aria-live") == "polite"
