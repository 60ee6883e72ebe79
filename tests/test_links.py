"""Short links lead on in the reader's language, replies say what pages say, and no link of the served site is dead."""

import urllib.error
import urllib.request
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from lxml import html
from playwright.sync_api import Browser, Page, expect

from finishing.addresses import address as address_of
from finishing.addresses import short_address
from finishing.replies import reply
from pages import all_pages
from project import DOCS, FOLDERS, LANGUAGES
from site_builder import SITE_URL, BuiltPage

ENTRIES = [page for page in all_pages("en") if page.has_short_link]
FREQUENT = (
    "lazy-relationship",
    "new-object-relationship",
    "onupdate-column",
    "expired-after-commit",
    "expired-after-rollback",
)
ENTRY = "causes/lazy-relationship/"
SHORT = "e/lazy-relationship/"
# The titles have underscores, brackets or quotation marks.
ODD = ("causes/column-property/", "lookalikes/lazy-raise/", "causes/sqladmin-view/", "errors/xd2s/")


def test_every_entry_and_error_code_has_a_short_link_that_works_without_a_script(site):
    for entry in ENTRIES:
        page = BuiltPage(site, site / short_address(entry) / "index.html")
        targets = {
            link.get("hreflang"): urljoin(SITE_URL + page.address, link.get("href")) for link in page.tree.iter("a")
        }
        assert targets == {language: SITE_URL + address_of(entry.in_language(language)) for language in LANGUAGES}
        assert page.head("canonical") == [SITE_URL + address_of(entry)]
    assert len({short_address(entry) for entry in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize(("locale", "language"), [("en-GB", "en"), ("ja-JP", "ja"), ("fr-FR", "en")])
def test_a_short_link_sends_the_browser_to_its_language_with_the_anchor(
    browser: Browser, published_address, locale, language
):
    context = browser.new_context(locale=locale)
    page = context.new_page()
    page.goto(f"{published_address}{SHORT}#fixes")
    expect(page).to_have_url(f"{published_address}{FOLDERS[language]}{ENTRY}#fixes")
    context.close()


def test_a_short_link_shows_both_languages_without_javascript(browser: Browser, published_address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(published_address + SHORT)
    expect(page.get_by_role("link")).to_have_count(len(LANGUAGES))
    page.get_by_role("link").last.click()
    expect(page).to_have_url(f"{published_address}ja/{ENTRY}")
    context.close()


@pytest.mark.parametrize("path", [ENTRY, *ODD])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_button_copies_a_reply_for_an_issue(browser: Browser, published_address, language, path):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(published_address + FOLDERS[language] + path)
    page.locator(".guide-reply button").click()
    expect(page.locator(".guide-reply [role=status]")).not_to_be_empty()
    [entry] = [entry for entry in all_pages(language) if address_of(entry) == FOLDERS[language] + path]
    assert page.evaluate("navigator.clipboard.readText()") == reply(entry).replace("SITE_URL/", SITE_URL)
    context.close()


def test_without_a_clipboard_the_reply_is_shown_and_selected(page: Page, published_address):
    page.add_init_script("delete Navigator.prototype.clipboard")
    page.goto(published_address + ENTRY)
    page.locator(".guide-reply button").click()
    expect(page.locator(".guide-reply textarea")).to_be_focused()
    assert SHORT in page.evaluate("getSelection().toString()")


def test_without_javascript_there_is_no_button(browser: Browser, published_address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(published_address + ENTRY)
    expect(page.locator(".guide-reply")).to_be_hidden()
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_about_linking_gives_the_replies_that_the_buttons_copy(language):
    text = (DOCS / language / "linking.md").read_text()
    for slug in FREQUENT:
        [entry] = [page for page in all_pages(language) if page.slug == slug]
        if f"```markdown\n{reply(entry)}\n```" not in text:
            pytest.fail(f"docs/{language}/linking.md: the reply for {slug} has to be\n{reply(entry)}", pytrace=False)


def test_the_permalink_of_a_heading_is_reached_by_keyboard(page: Page, published_address):
    page.goto(published_address + ENTRY)
    permalink = page.locator("#why .headerlink")
    for _ in range(200):
        page.keyboard.press("Tab")
        if permalink.evaluate("link => link === document.activeElement"):
            break
    expect(permalink).to_be_focused()
    expect(permalink).to_have_css("opacity", "1")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{published_address}{ENTRY}#why")


def test_a_crawl_below_a_path_finds_no_dead_link_or_anchor(published_address):
    ids, wanted, waiting = {}, {}, [published_address]
    while waiting:
        here = waiting.pop()
        body, ids[here] = _get(here)
        for link in body:
            target, anchor = urldefrag(urljoin(here, link))
            if target.startswith(published_address):
                wanted.setdefault((target, unquote(anchor)), here)
                if target not in ids and target not in waiting:
                    waiting.append(target)
    dead = [
        f"{source} links to {target}#{anchor}"
        for (target, anchor), source in wanted.items()
        if ids[target] is None or anchor and anchor not in ids[target]
    ]
    assert len(ids) > len(ENTRIES) * len(LANGUAGES)
    assert not dead, "\n".join(dead)


def _get(address: str) -> tuple[list[str], set[str] | None]:
    """The links of what a server answers, less their own host, and its ids; None if it does not exist."""
    try:
        with urllib.request.urlopen(address) as answer:
            content = answer.read()
    except urllib.error.HTTPError:
        return [], None
    if not address.endswith(("/", ".html")):
        return [], set()
    tree = html.fromstring(content)
    links = [
        link.replace(SITE_URL, "/below/")
        for link in tree.xpath("//a/@href | //link/@href | //script/@src | //img/@src")
    ]
    return links, set(tree.xpath("//@id"))
