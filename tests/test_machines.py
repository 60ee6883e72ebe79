"""The files for machines, and what is in each page for them, say what the pages say."""

import json
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from pages import all_pages
from project import FOLDERS, LANGUAGES, SERIES
from site_builder import SITE_URL, BuiltPage, built_pages

SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


@pytest.fixture(scope="module")
def pages(site) -> dict[str, BuiltPage]:
    """Each page made from a source, by its full address."""
    return {SITE_URL + page.address: page for page in built_pages(site) if page.is_content}


@pytest.fixture(scope="module")
def entries(site) -> list[dict]:
    return json.loads((site / "entries.json").read_text())


def title(page: BuiltPage) -> str:
    return page.tree.xpath("//article//h1")[0].text


def text(page: BuiltPage) -> str:
    return " ".join(page.tree.xpath("//article")[0].text_content().split())


def unindented(text: str) -> str:
    """Text as it is compared where it may stand in a list."""
    return "\n".join(line.strip() for line in text.strip().splitlines())


def test_the_entries_are_the_pages_with_short_links(entries, pages):
    sources = [page for page in all_pages("en") if page.has_short_link]
    assert [entry["slug"] for entry in entries] == [page.slug for page in sources]
    for entry in entries:
        for language in LANGUAGES:
            page = pages[entry["urls"][language]]
            assert page.language == language
            assert entry["titles"][language] == title(page)
            assert entry["descriptions"][language] == page.meta("name", "description")
            assert page.head("shortlink") == [entry["urls"]["short"]]
            assert entry["urls"][f"{language}_markdown"] in page.head("alternate", type="text/markdown")


def test_the_messages_of_an_entry_stand_on_its_page(entries, pages):
    for entry in entries:
        assert any(entry["messages"].values()), f"{entry['slug']} has no message"
        for language in LANGUAGES:
            shown = text(pages[entry["urls"][language]])
            for message in (message for series in SERIES for message in entry["messages"][series]):
                assert " ".join(message.split()) in shown, f"{entry['slug']} in {language} does not show: {message}"


def test_an_entry_has_the_code_that_its_message_names(entries):
    for entry in entries:
        messages = str(entry["messages"])
        assert f"/{entry['code']})" in messages if entry["code"] else "sqlalche.me" not in messages, entry["slug"]


def test_every_page_has_a_preview_that_agrees_with_it(pages):
    for address, page in pages.items():
        assert page.meta("property", "og:title") == title(page), address
        assert page.meta("property", "og:description") == page.meta("name", "description"), address
        assert page.meta("property", "og:url") == address


def test_every_entry_is_a_technical_article_in_its_language(entries, pages):
    addresses = [entry["urls"][language] for entry in entries for language in LANGUAGES]
    for address in addresses:
        [data] = map(json.loads, pages[address].tree.xpath("//script[@type='application/ld+json']/text()"))
        assert data == {
            "@context": "https://schema.org",
            "@type": "TechArticle",
            "headline": title(pages[address]),
            "description": pages[address].meta("name", "description"),
            "inLanguage": pages[address].language,
            "url": address,
        }


def test_one_sitemap_lists_every_page_with_itself_in_each_language(site, pages):
    [sitemap] = site.rglob("sitemap.xml*")
    urls = ElementTree.parse(sitemap).findall("s:url", SITEMAP)
    assert {url.findtext("s:loc", None, SITEMAP) for url in urls} == pages.keys()
    for url in urls:
        page = pages[url.findtext("s:loc", None, SITEMAP)]
        for link in url.findall("x:link", SITEMAP):
            assert [link.get("href")] == page.head("alternate", hreflang=link.get("hreflang"))
        assert len(url.findall("x:link", SITEMAP)) == len(LANGUAGES) + 1


def test_llms_txt_leads_to_the_rendition_of_every_page(site, pages):
    lines = (site / "llms.txt").read_text().splitlines()
    assert lines[0].startswith("# ")
    listed = [line for line in lines if line.startswith("- ")]
    assert len(listed) == len(pages)
    for address, page in pages.items():
        assert f"- [{title(page)}]({address}index.md): {page.meta('name', 'description')}" in listed


def test_every_page_has_a_rendition_with_all_that_it_includes(pages):
    for source in (page for language in LANGUAGES for page in all_pages(language)):
        path = "" if source.slug == "index" else f"{source.relative.with_suffix('').as_posix()}/"
        page = pages[SITE_URL + FOLDERS[source.language] + path]
        markdown = (page.path.parent / "index.md").read_text()
        assert markdown.startswith(f"# {source.meta['title']}\n")
        assert '--8<-- "' not in markdown
        assert '\n=== "' not in markdown
        assert " { #" not in markdown
        for code in page.code:
            assert unindented(code) in unindented(markdown), f"{page.address}index.md lacks: {code[:80]}"
        for link in page.tree.xpath("//article//p//a[not(@class)]/@href[starts-with(., '../')]"):
            assert urlsplit(link).path.strip("./") in markdown
