"""In a real browser: quiet console, no request to another host, a language switch that stays, tabs that work."""

from functools import partial

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from guide.addresses import address as address_of
from guide.kept import Kept
from guide.pages import Page as Entry
from guide.pages import entry_pages
from tests.browsing import open_page

ENTRY = "causes/lazy-relationship/"
ADDRESSES = ("", "ja/", ENTRY, f"ja/{ENTRY}")
# Its tabs have no room on a phone.
MANY_TABS = "causes/collection-mutation/"
PHONE = ViewportSize(width=390, height=844)


@pytest.fixture
def requests(page: Page) -> list[str]:
    """The address of each request that the page makes."""
    made: list[str] = []
    page.on("request", lambda request: made.append(request.url))
    return made


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_page_is_quiet_and_asks_nobody_else(page: Page, address, requests, path):
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    open_page(page, address + path)
    assert said == []
    assert requests
    assert [url for url in requests if not url.startswith(address)] == []
    assert [url for url in requests if "sitemap" in url] == [], "the theme fetches sitemaps for its language switch"


def test_the_console_stays_quiet_when_another_page_is_read(page: Page, address):
    said: list[str] = []
    page.goto(address)
    page.on("console", lambda message: said.append(message.text))
    page.locator("#try").click()
    expect(page.locator("#diagnosis")).to_have_attribute("data-state", "found")
    assert said == []


@pytest.mark.parametrize("path", ADDRESSES)
def test_switching_the_language_lands_on_the_same_page_and_back(page: Page, address, path):
    page.goto(address + path)
    other = path.removeprefix("ja/") if path.startswith("ja/") else f"ja/{path}"
    page.locator("header .guide-language").click()
    expect(page).to_have_url(address + other)
    page.locator("header .guide-language").click()
    expect(page).to_have_url(address + path)


@pytest.mark.parametrize(("path", "labels"), [(ENTRY, ["Before", "After"]), (f"ja/{ENTRY}", ["修正前", "修正後"])])
def test_before_and_after_are_both_shown_and_the_diff_is_one_click_away(page: Page, address, path, labels):
    page.goto(address + path)
    tabs = page.locator(".tabbed-set").first
    fix = tabs.get_by_text("query.options(selectinload(User.organization))").first
    assert tabs.locator(".tabbed-labels label").all_inner_texts()[:2] == labels
    diff, toggle = tabs.locator(".language-diff"), tabs.locator(".tabbed-labels label").last
    for _ in range(2):
        expect(tabs.get_by_text("raises MissingGreenlet")).to_be_visible()
        expect(fix).to_be_visible()
        expect(diff).to_be_hidden()
        toggle.click()
        expect(diff).to_be_visible()
        page.reload()
    toggle.click()
    toggle.click()
    expect(diff).to_be_hidden()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", [*ADDRESSES, MANY_TABS])
def test_no_page_scrolls_sideways(page: Page, address, path, width):
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(address + path)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_on_a_phone_the_answer_and_the_line_that_fails_are_on_the_first_screen(
    browser: Browser, address, project, site, language
):
    """Where the line ends is measured without scripts, which move nothing, and kept while the page stays as it is."""
    page, kept = browser.new_page(viewport=PHONE, java_script_enabled=False), Kept(project, "screens")

    def bottom(entry: Entry) -> str:
        page.goto(address + address_of(entry), wait_until="commit")
        line = page.locator("#example ~ .tabbed-set .hll").first.bounding_box()
        assert line
        return str(line["y"] + line["height"])

    for entry in entry_pages(project, language):
        html = (site.folder / address_of(entry) / "index.html").read_text()
        found = float(kept.made(partial(bottom, entry), html, str(PHONE)))
        assert found < PHONE["height"], f"{entry}: shorten what is above the line that fails"
    page.close()
