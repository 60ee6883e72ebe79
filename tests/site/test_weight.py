"""A page asks for nothing that it does not show, weighs little, and does not grow with the catalogue."""

import gzip
import re

from playwright.sync_api import Page

from tests.browsing import open_page

ENTRY = "causes/lazy-relationship/"
# Besides itself: what runs, and the icon of the browser's tab.
NEEDED = (
    "assets/styles/",
    "assets/theme.js",
    "assets/site.js",
    "assets/runs.js",
    "assets/drivers.js",
    "assets/favicon.svg",
)
ARTICLE = re.compile("(?<=<article ).*(?=</article>)", re.DOTALL)
# In bytes, compressed. Japanese needs more of them for the same text.
MOST = {"en": {"frame": 8_500, "entry": 14_000}, "ja": {"frame": 9_000, "entry": 15_000}}
FIRST_VIEW = 55_000


def test_an_entry_asks_for_nothing_that_it_does_not_show(page: Page, address, language):
    root = address + language.folder
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_page(page, root + ENTRY)
    needless = [url for url in asked if url != root + ENTRY and not url.removeprefix(root).startswith(NEEDED)]
    assert not needless, f"load these only where and when they are used: {', '.join(needless)}"


def weight(text: str | bytes) -> int:
    return len(gzip.compress(text if isinstance(text, bytes) else text.encode()))


def test_what_stands_around_each_text_is_small(pages):
    for page in (page for page in pages if page.is_content):
        around = weight(ARTICLE.sub("", page.path.read_text()))
        assert around < MOST[page.language.code]["frame"], (
            f"{page.address} has {around} bytes besides its text: what of it could stand in one file for all pages?"
        )


def test_an_entry_is_small(site, language):
    folder = site.folder / language.folder / ENTRY
    html = (folder / "index.html").read_text()
    asked = re.findall(r'(?:src|<link rel="stylesheet" href|<link rel="icon" href)="([^"]+)"', html)
    assert asked
    assert all(name.lstrip("./").startswith(NEEDED) for name in asked)
    assert weight(html) < MOST[language.code]["entry"]
    assert weight(html) + sum(weight((folder / name).read_bytes()) for name in asked) < FIRST_VIEW


def test_no_page_waits_for_a_style_sheet(pages):
    for page in (page for page in pages if not page.only_leads_on):
        assert page.head("stylesheet") == [], (
            f"{page.address} waits for a style sheet: see `styles` in overrides/main.html"
        )
        assert page.tree.xpath("//head/style"), f"{page.address} lacks the styles of its first screen"
        assert page.tree.xpath("//body//link[@rel='stylesheet']"), f"{page.address} lacks the style sheet"


def test_a_page_does_not_list_the_whole_catalogue(pages):
    for page in (page for page in pages if page.is_content and page.address_in_language == ""):
        [navigation] = page.tree.xpath("//nav[@data-md-level='0']")
        listed = {link for link in navigation.xpath(".//li//a/@href") if not link.startswith("#")}
        assert len(listed) == len(navigation.xpath("./ul/li")), (
            "the navigation of the home page lists what is in a section"
        )
