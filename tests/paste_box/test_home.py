"""The paste box in its page: it shows what its scripts answer, and treats all text as text."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from tests.browsing import open_page

STATES = {"empty", "found", "ambiguous", "unknown"}
MOST_OTHERS = 3
LAZY = ("snippets/lazy-relationship/before.py", "2.1")
ASK = """(texts) => {
  const box = document.querySelector("textarea#traceback");
  const output = document.querySelector("#diagnosis");
  return texts.map((text) => {
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    const slugs = [...output.querySelectorAll("[data-slug]")].map((link) => link.dataset.slug);
    return { state: output.dataset.state, slugs, first: output.querySelector("[data-slug]")?.dataset.slug };
  });
}"""


@pytest.fixture(scope="module")
def home(language, browser, address):
    """The home page of one language, ready to be asked."""
    page = browser.new_page()
    open_page(page, address + language.folder)
    yield page
    page.close()


@pytest.fixture
def ask_scripts(request):
    """The scripts alone; another name, since here the page is asked."""
    return request.getfixturevalue("ask")


def ask(page: Page, *pastes: list[str]) -> list[dict]:
    return page.evaluate(ASK, ["\n".join(lines) for lines in pastes])


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
    "Cell In[1], line 2, in <i>",
    '"exc_type": "MissingGreenlet", "exc_value": "<u>", "filename": "/srv/<b>.py", "lineno": 3, "name": "<i>"',
]
TAGS = {"article", "div", "h2", "h3", "p", "pre", "b", "code", "span", "mark", "ol", "li", "a", "br", "button"}
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
    stored: localStorage.length + document.cookie.length,
    kept: { ...sessionStorage },
    text: box.value,
  };
}"""


def test_no_text_becomes_markup_or_leaves_the_page(home):
    requests: list[str] = []
    errors: list[str] = []
    home.on("request", lambda request: requests.append(request.url))
    home.on("pageerror", lambda error: errors.append(str(error)))
    clean = home.evaluate(INSPECT, "")
    links = set(home.eval_on_selector_all("article table a", "links => links.map(a => a.getAttribute('href'))"))

    @settings(
        max_examples=1000 if os.environ.get("CI") else 200,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=80)), max_size=12))
    def paste(lines):
        seen = home.evaluate(INSPECT, "\n".join(lines))
        assert seen["state"] in STATES
        assert set(seen["tags"]) <= TAGS
        assert seen["kept"] in ({}, {"traceback": seen["text"]})
        assert set(seen["hrefs"]) <= links
        assert {key: seen[key] for key in ("scripts", "title", "stored")} == {
            key: clean[key] for key in ("scripts", "title", "stored")
        }

    paste()
    assert requests == []
    assert errors == []


def test_the_box_keeps_the_end_of_a_megabyte(home):
    assert home.evaluate(ASK, ['File "x.py", line 1, in f\n' * 40_000])[0]["state"] in STATES
    assert len(home.locator("#traceback").input_value()) <= 50_000


def test_a_recording_shows_the_readers_own_line_and_what_was_read(home, recordings):
    [lazy] = [lines for snippet, series, lines in recordings if (str(snippet), series) == LAZY]
    ask(home, lazy)
    answer = home.locator("#diagnosis").inner_text()
    assert "before.py" in answer
    assert "user.organization.name" in answer
    assert "organizations" in answer


def test_the_page_shows_what_the_scripts_answer(home, recordings, ask_scripts):
    pastes = [lines for _, _, lines in recordings]
    for shown, answer in zip(ask(home, *pastes), ask_scripts(*pastes), strict=True):
        most = 1 + MOST_OTHERS if answer["state"] == "found" else None
        left = [slug for slug in answer["left"]]
        slugs = [slug for slug in answer["slugs"] if slug not in left]
        assert (shown["state"], shown["slugs"]) == (answer["state"], slugs[:most] + left)


def test_the_box_is_labelled_and_its_answer_is_announced(home):
    assert home.get_by_label("Paste the traceback").or_(home.get_by_label("トレースバックか")).count() == 1
    assert home.locator("#diagnosis").get_attribute("aria-live") == "polite"
