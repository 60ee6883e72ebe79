"""The built site is the same in both languages, and works on its own."""

import re
from urllib.parse import urljoin

import pytest
from lxml import html

from guide.pages import all_pages
from guide.plugin import fail_with
from guide.site.built import BuiltPage, dead_links, is_elsewhere


@pytest.fixture(scope="module")
def content_pages(pages) -> list[BuiltPage]:
    return [page for page in pages if page.is_content]


def test_every_source_page_is_built_at_the_same_address_in_all_languages(site, content_pages):
    for language in site.project.languages:
        sources = {site.address(page) for page in all_pages(site.project, language)}
        assert {site.url + page.address for page in content_pages if page.language == language} == sources


def test_every_page_names_its_language(pages):
    for page in pages:
        assert page.tree.get("lang") == page.language.code, page.address


def test_every_page_links_to_itself_and_to_its_twins(site, content_pages):
    for page in content_pages:
        assert page.head("canonical") == [site.url + page.address]
        for language in site.project.languages:
            twin = site.url + language.folder + page.address_in_language
            assert page.head("alternate", hreflang=language.code) == [twin]
        assert page.head("alternate", hreflang="x-default") == [site.url + page.address_in_language]


def test_the_language_switch_stays_on_the_page(site, content_pages):
    for page in content_pages:
        for other in set(site.project.languages) - {page.language}:
            [switch] = page.tree.xpath(f"//header//a[@hreflang='{other}']/@href")
            target = urljoin(site.url + page.address, switch)
            assert target == site.url + other.folder + page.address_in_language


def test_recorded_output_is_marked_as_english(content_pages):
    """The block itself: its caption is in the language of the page."""
    blocks = [block for page in content_pages for block in page.tree.xpath("//*[contains(@class, 'highlight')]")]
    assert blocks
    assert {block.get("lang") for block in blocks} == {None}
    assert {output.get("lang") for block in blocks for output in block.xpath("./pre")} == {"en"}


def test_no_link_and_nothing_loaded_leads_nowhere(site, pages):
    fail_with(dead_links(site, pages))


def test_what_leads_nowhere_is_named(site, pages):
    [home] = [page for page in pages if page.is_content and not page.address]
    for target in ("nowhere/", "glossary/#nowhere", "assets/nowhere.js"):
        home.tree.append(html.fromstring(f'<a href="{target}">there</a>'))
        assert dead_links(site, pages) == [f" leads to {site.url}{target}, which does not exist"]
        home.tree.remove(home.tree[-1])


def test_nothing_is_loaded_from_another_host(site, pages):
    foreign = [
        f"{page.address}: {address}" for page in pages for address in page.loaded if is_elsewhere(address, site.url)
    ]
    for stylesheet in site.folder.rglob("*.css"):
        found = re.findall(r"(?:url\(|@import\s+)[\"']?((?:https?:)?//[^\"')]+)", stylesheet.read_text())
        foreign += [f"{stylesheet.name}: {address}" for address in found]
    assert not foreign, "loaded from another host: " + ", ".join(foreign)


def test_the_built_code_is_the_included_code(site, content_pages):
    """What a reader copies is what was run: no section marker, no dedent gone wrong."""
    shown = "\n".join(code for page in content_pages for code in page.code)
    assert "--8<--" not in shown
    assert "[start:" not in shown
    for page in content_pages:
        kind, _, entry = page.address_in_language.partition("/")
        assert page.code or not entry or kind not in site.project.entry_folders
