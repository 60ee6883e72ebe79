"""In the real search box: a pasted message finds its page first, typed words theirs; a result says what to change."""

import gzip
import html
import json
import os
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from guide.pages import all_pages
from guide.project import Language
from tests.browsing import open_page

QUERIES = tomllib.loads(Path(__file__).with_name("queries.toml").read_text())
MESSAGES, PHRASES = QUERIES["messages"], QUERIES["phrases"]
# What would be operators of Lunr, what breaks regular expressions, markup, and what is no word at all.
ODD = [
    '"',
    '"greenlet',
    "title:commit",
    "-commit +await",
    "commit^10 await~2",
    "*",
    "~ ^ : + -",
    "(a|b)[c]{2,1}\\",
    "<img src=x onerror=alert(1)>",
    "&lt;&amp;",
    "constructor __proto__ toString",
    "0x7f3a1b 42",
    "  ",
    "😀",
    "await " * 2000,
]
TRACEBACK = (
    'Traceback (most recent call last):\n  File "app.py", line 7, in <module>\nRuntimeError: Event loop is closed\n'
)
# It is fetched once the search is opened, and grows with the guide.
MOST_BYTES_PER_PAGE = 2_200
# How many of what people type find their page first.
LEAST_FIRST = 0.92
ROOT = Path(__file__).resolve().parents[2]
ENGINE = ROOT / "node_modules/minisearch/dist/es/index.js"
# The worker that ships, asked one query after the other as the theme does: the results of each, best first.
ASK = """(queries) => new Promise((resolve) => {
  const worker = new Worker(new URL("../assets/search-worker.js", location.href), { type: "module" });
  const answers = [];
  worker.onmessage = ({ data: { type, data } }) => {
    if (type === 3) answers.push(data.items);
    if (answers.length === queries.length) resolve(answers);
  };
  worker.postMessage({ type: 0 });
  for (const data of queries) worker.postMessage({ type: 2, data });
})"""


class Search:
    """The search of one language's home page, as a reader uses it."""

    def __init__(self, page: Page, home: str):
        self.page, self.home = page, home
        self.said: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        open_page(page, home)
        self.input = page.locator("input.md-search__input")
        self.results = page.locator(".md-search-result__item > a:first-child")
        self.count = page.locator(".md-search-result__meta").first
        self.offer = page.locator("#guide-offer a[href$='#traceback']")

    def find(self, query: str) -> list[str]:
        """The addresses of the pages found below the language's root, best first."""
        self.input.fill("")
        expect(self.results).to_have_count(0)
        self.input.fill(query)
        expect(self.results).not_to_have_count(0)
        links = self.results.evaluate_all("links => links.map(link => link.href)")
        return [link.removeprefix(self.home).strip("/") for link in links]

    def paste(self, text: str) -> None:
        self.input.fill("")
        self.input.focus()
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        self.input.press("Control+v")


@pytest.fixture
def search(language: Language, browser, address):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    yield Search(context.new_page(), address + language.folder)
    context.close()


@pytest.fixture
def results(page: Page, language: Language, address) -> Callable[[list[str]], list[list[list[dict]]]]:
    """A function from queries to what the worker finds for each, best first: a page itself, then its best sections."""

    def results(queries: list[str]) -> list[list[list[dict]]]:
        page.goto(f"{address}{language.folder}search/search_index.json")
        return page.evaluate(ASK, queries)

    return results


@pytest.fixture
def asked(results) -> Callable[[list[str]], list[list[str]]]:
    """A function from queries to the addresses of the pages that the worker finds for each, best first."""

    def asked(queries: list[str]) -> list[list[str]]:
        return [[item[0]["location"].strip("/") for item in found] for found in results(queries)]

    return asked


def test_a_pasted_message_finds_its_page_first(asked):
    found = asked([message for message, _ in MESSAGES])
    first = [(message, pages, links[0]) for (message, pages), links in zip(MESSAGES, found, strict=True)]
    missed = [f"{message}: {link}" for message, pages, link in first if link not in pages.split()]
    assert not missed, "the first page found is another one:\n" + "\n".join(missed)


def test_typed_words_find_their_page_among_the_first_three(asked, language):
    phrases = PHRASES[language.code]
    found = asked([query for query, _ in phrases])
    top = [(query, set(pages.split()), links[:3]) for (query, pages), links in zip(phrases, found, strict=True)]
    missed = [f"{query}: {', '.join(links)}" for query, pages, links in top if not pages & set(links)]
    assert not missed, "not among the first three:\n" + "\n".join(missed)
    second = [f"{query}: {links[0]}" for query, pages, links in top if links[0] not in pages]
    assert len(top) - len(second) >= LEAST_FIRST * len(top), "too many are not the first:\n" + "\n".join(second)


@pytest.mark.parametrize("word", ["alembic", "marshmallow", "onupdate", "pandas", "SQLAdmin"])
def test_a_word_that_nearly_every_page_has_changes_little(asked, word):
    [alone, with_error] = asked([word, f"{word} MissingGreenlet"])
    assert with_error[0] == alone[0]
    assert "errors/xd2s" in with_error[:3], "the page of the error that is named is not among the first three"


def test_a_result_shows_the_answer_and_the_kind_of_each_page(results, project, language, site):
    data = json.loads((site.folder / language.folder / "search/pages.json").read_text())
    pages = [page for page in all_pages(project, language) if page.kind]
    found = results([page.title for page in pages])
    shown = {item[0]["location"]: item[0] for items in found for item in items}
    for page in pages:
        result = shown[f"{page.relative.with_suffix('').as_posix()}/"]
        answer = letters(re.sub(r"\]\([^)]*\)", "", page.answer)) or letters(page.description)
        text = letters(re.sub("<[^>]*>", "", html.unescape(result["text"])))
        assert text, page
        assert answer.startswith(text), f"{page}: {result['text']}"
        assert result["tags"] == [data["pages"][result["location"]]["kind"]]
    assert len({item["tags"][0] for item in shown.values()}) == len(project.kinds) + 1


def letters(text: str) -> str:
    return re.sub(r"\W", "", text)


def test_no_text_of_a_result_is_code(results):
    found = results(["await", "commit", "MissingGreenlet", "selectinload"])
    texts = [item["text"] for items in found for page in items for item in page]
    assert not [text for text in texts if re.search(r"\n|@@|^(?:---|\+\+\+)", text)]


def test_a_long_text_of_a_result_ends_with_a_whole_word(results, site, language):
    index = (site.folder / language.folder / "search/search_index.json").read_text()
    text = " ".join(re.sub("<[^>]*>", " ", html.unescape(doc["text"])) for doc in json.loads(index)["docs"])
    found = results(["await", "commit", "MissingGreenlet", "selectinload"])
    texts = [re.sub("</?mark>", "", item["text"]) for items in found for page in items for item in page]
    ends = [html.unescape(text[:-1]).split()[-1] for text in texts if text.endswith("…")]
    assert ends
    # A word in katakana or in Latin letters that goes on in no text was not cut.
    cut = [end for end in ends if not re.search(re.escape(end[-8:]) + r"(?![a-zA-Z\u30a1-\u30ff])", text)]
    assert not cut


def test_answer_and_kind_are_seen_in_the_dialog(search, results):
    query = "expire_on_commit"
    [[[page, *_], *_]] = results([query])
    search.find(query)
    shown = search.page.locator(".md-search-result__item").first.locator("a").first
    expect(shown.locator(".md-tag:visible")).to_have_text(page["tags"])
    expect(shown).to_contain_text(html.unescape(re.sub("</?mark>", "", page["text"])))


def test_the_engine_is_the_pinned_one_as_published(project):
    if not ENGINE.exists():
        assert not os.environ.get("CI"), "minisearch is missing: run `make lint`, which installs it"
        pytest.skip("minisearch is missing: install Node 20 or later, then run `make lint`")
    published = [line for line in ENGINE.read_text().splitlines() if not line.startswith("//# sourceMappingURL")]
    licence = (ENGINE.parents[2] / "LICENSE.txt").read_text().split()
    engine = (project.assets / "minisearch.js").read_text()
    assert engine.endswith("\n".join(published) + "\n"), "write it again: `make lock`"
    assert " ".join(licence) in " ".join(engine.replace("// ", "").replace("//", "").split())


def test_the_results_that_are_shown_are_those_of_the_worker(search, asked):
    queries = [MESSAGES[0][0], "expire_on_commit"]
    assert [search.find(query) for query in queries] == asked(queries)


def test_no_query_raises(search):
    for query in ODD:
        search.input.fill(query)
        assert search.find("expire_on_commit")[0] == "techniques/expire-on-commit", f"the worker ended at {query}"
    assert search.said == []


def test_operators_change_nothing(asked):
    found = asked(["-commit after rollback", "commit after rollback", '"await" ^2 ~1 :', "await"])
    assert found[::2] == found[1::2]


def test_each_language_finds_only_its_own_pages(asked, language):
    links = [link for found in asked(["MissingGreenlet", "コミット await"]) for link in found]
    assert links
    assert not any(link.startswith(("http", "ja/")) for link in links), f"{language} finds pages of another language"


def test_a_pasted_traceback_is_answered_in_the_dialog_and_kept_for_the_box(search, project):
    traceback = (project.snippets / "lazy-relationship/recorded/2.1/before.whole.txt").read_text()
    search.paste(traceback)
    link = search.page.locator("#guide-offer [data-slug]").first
    expect(link).to_have_attribute("data-slug", "lazy-relationship")
    assert link.evaluate("link => link.href") == f"{search.home}causes/lazy-relationship/"
    open_page(search.page, f"{search.home}?kept")
    expect(search.page.locator("#diagnosis")).to_have_attribute("data-state", "found")
    search.page.evaluate("sessionStorage.clear()")


def test_several_pasted_lines_are_offered_the_paste_box(search):
    search.paste("one line")
    expect(search.offer).to_have_count(0)
    search.paste(TRACEBACK)
    expect(search.offer).to_be_visible()
    expect(search.page.get_by_role("status").get_by_role("link").last).to_be_visible()
    assert search.offer.evaluate("link => link.href") == f"{search.home}#traceback"
    expect(search.results.first).to_have_attribute("href", f"{search.home}lookalikes/event-loop-closed/")
    search.paste("one line")
    expect(search.offer).to_have_count(0)


def test_the_search_is_labelled_and_announces_what_it_found(search):
    search.find("greenlet")
    expect(search.page.get_by_role("dialog")).to_have_accessible_name(search.input.get_attribute("aria-label"))
    expect(search.count).to_have_attribute("role", "status")
    expect(search.count).to_contain_text(str(search.results.count()))


def test_the_results_are_reached_by_arrows_and_left_by_tab(search):
    search.find("expire_on_commit")
    search.page.keyboard.press("ArrowDown")
    expect(search.results.first).to_be_focused()
    search.page.keyboard.press("Tab")
    expect(search.page.locator(".md-search__output")).to_be_hidden()
    assert not search.page.evaluate("document.activeElement.closest('.md-search')"), "the focus is in the closed search"


def test_index_and_worker_wait_until_the_search_is_opened(page: Page, address, language):
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    open_page(page, address + language.folder)
    assert not [url for url in requests if "search_index" in url or "worker" in url]
    page.locator("input.md-search__input").fill("MissingGreenlet")
    page.locator(".md-search-result__item").first.wait_for()
    assert [url for url in requests if "search_index" in url] == [f"{address}{language.folder}search/search_index.json"]


def test_the_index_stays_small(site, language, project):
    index = (site.folder / language.folder / "search" / "search_index.json").read_bytes()
    most = MOST_BYTES_PER_PAGE * len(all_pages(project, language))
    assert len(gzip.compress(index)) <= most, "give headings of what nobody searches { … data-search-exclude }"
