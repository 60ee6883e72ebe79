"""The files for machines, and what is in each page for them, say what the pages say."""

import json
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from guide.pages import all_pages
from guide.site.built import BuiltPage

SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


@pytest.fixture(scope="module")
def by_address(site, pages) -> dict[str, BuiltPage]:
    """Each page made from a source, by its full address."""
    return {site.url + page.address: page for page in pages if page.is_content}


@pytest.fixture(scope="module")
def entries(site) -> list[dict]:
    return json.loads((site.folder / "entries.json").read_text())


def title(page: BuiltPage) -> str:
    return page.tree.xpath("//article//h1")[0].text


def text(page: BuiltPage) -> str:
    return " ".join(page.tree.xpath("//article")[0].text_content().split())


def unindented(text: str) -> str:
    """Text as it is compared where it may stand in a list."""
    return "\n".join(line.strip() for line in text.strip().splitlines())


def test_the_entries_are_the_pages_with_short_links(project, entries, by_address):
    sources = [page for page in all_pages(project, project.original) if page.has_short_link]
    assert [entry["slug"] for entry in entries] == [page.slug for page in sources]
    for entry in entries:
        for language in project.languages:
            page = by_address[entry["urls"][language.code]]
            assert page.language == language
            assert entry["titles"][language.code] == title(page)
            assert entry["descriptions"][language.code] == page.meta("name", "description")
            assert page.head("shortlink") == [entry["urls"]["short"]]
            assert entry["urls"][f"{language}_markdown"] in page.head("alternate", type="text/markdown")


def test_the_messages_of_an_entry_stand_on_its_page(project, entries, by_address):
    for entry in entries:
        assert any(entry["messages"].values()), f"{entry['slug']} has no message"
        for language in project.languages:
            shown = text(by_address[entry["urls"][language.code]])
            for message in (message for series in project.series for message in entry["messages"][series]):
                assert " ".join(message.split()) in shown, f"{entry['slug']} in {language} does not show: {message}"


def test_an_entry_has_the_code_that_its_message_names(entries):
    for entry in entries:
        messages = str(entry["messages"])
        assert f"/{entry['code']})" in messages if entry["code"] else "sqlalche.me" not in messages, entry["slug"]


def test_every_page_has_a_preview_that_agrees_with_it(by_address):
    for address, page in by_address.items():
        assert page.meta("property", "og:title") == title(page), address
        assert page.meta("property", "og:description") == page.meta("name", "description"), address
        assert page.meta("property", "og:url") == address


def test_every_entry_is_a_technical_article_in_its_language(project, entries, by_address):
    addresses = [entry["urls"][language.code] for entry in entries for language in project.languages]
    for address in addresses:
        [data] = map(json.loads, by_address[address].tree.xpath("//script[@type='application/ld+json']/text()"))
        assert data == {
            "@context": "https://schema.org",
            "@type": "TechArticle",
            "headline": title(by_address[address]),
            "description": by_address[address].meta("name", "description"),
            "inLanguage": by_address[address].language.code,
            "url": address,
        }


def test_one_sitemap_lists_every_page_with_itself_in_each_language(project, site, by_address):
    [sitemap] = site.folder.rglob("sitemap.xml*")
    urls = ElementTree.parse(sitemap).findall("s:url", SITEMAP)
    assert {url.findtext("s:loc", None, SITEMAP) for url in urls} == by_address.keys()
    for url in urls:
        page = by_address[url.findtext("s:loc", None, SITEMAP)]
        for link in url.findall("x:link", SITEMAP):
            assert [link.get("href")] == page.head("alternate", hreflang=link.get("hreflang"))
        assert len(url.findall("x:link", SITEMAP)) == len(project.languages) + 1


def test_llms_txt_leads_to_the_rendition_of_every_page(site, by_address):
    lines = (site.folder / "llms.txt").read_text().splitlines()
    assert lines[0].startswith("# ")
    listed = [line for line in lines if line.startswith("- ")]
    assert len(listed) == len(by_address)
    for address, page in by_address.items():
        assert f"- [{title(page)}]({address}index.md): {page.meta('name', 'description')}" in listed


def test_every_page_has_a_rendition_with_all_that_it_includes(project, site, by_address):
    for source in (page for language in project.languages for page in all_pages(project, language)):
        page = by_address[site.address(source)]
        markdown = (page.path.parent / "index.md").read_text()
        assert markdown.startswith(f"# {source.title}\n")
        assert '--8<-- "' not in markdown
        assert '\n=== "' not in markdown
        assert " { #" not in markdown
        for code in page.code:
            assert unindented(code) in unindented(markdown), f"{page.address}index.md lacks: {code[:80]}"
        for link in page.tree.xpath("//article//p//a[not(@class)]/@href[starts-with(., '../')]"):
            assert urlsplit(link).path.strip("./") in markdown
