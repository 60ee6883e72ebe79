"""The built site is the same in both languages, and stands on its own."""

import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from pages import all_pages
from site_builder import (
    FOLDERS,
    SITE_URL,
    BuiltPage,
    built_pages,
    is_elsewhere,
)


@pytest.fixture(scope="module")
def pages(site) -> list[BuiltPage]:
    return built_pages(site)


@pytest.fixture(scope="module")
def content_pages(pages) -> list[BuiltPage]:
    return [page for page in pages if page.is_content]


def test_every_source_page_is_built_at_the_same_address_in_both_languages(content_pages):
    for language in FOLDERS:
        sources = {page.relative.with_suffix("").as_posix() for page in all_pages(language)}
        addresses = {"" if source == "index" else f"{source}/" for source in sources}
        assert {page.address_in_language for page in content_pages if page.language == language} == addresses


def test_every_page_names_its_language(pages):
    for page in pages:
        assert page.tree.get("lang") == page.language, page.address


def test_every_page_links_to_itself_and_to_its_twin(content_pages):
    for page in content_pages:
        english, japanese = SITE_URL + page.address_in_language, f"{SITE_URL}ja/{page.address_in_language}"
        assert page.head("canonical") == [SITE_URL + page.address]
        assert page.head("alternate", hreflang="en") == [english]
        assert page.head("alternate", hreflang="ja") == [japanese]
        assert page.head("alternate", hreflang="x-default") == [english]


def test_the_language_switch_stays_on_the_page(content_pages):
    for page in content_pages:
        other = "ja" if page.language == "en" else "en"
        [switch] = page.tree.xpath(f"//header//a[@hreflang='{other}']/@href")
        target = urljoin(SITE_URL + page.address, switch)
        assert target == SITE_URL + FOLDERS[other] + page.address_in_language


def test_recorded_output_is_marked_as_english(content_pages):
    blocks = [block for page in content_pages for block in page.tree.xpath("//*[contains(@class, 'language-text')]")]
    assert blocks
    assert {block.get("lang") for block in blocks} == {"en"}


def test_every_internal_link_and_anchor_resolves(site, pages):
    ids = {page.path: page.ids for page in pages}
    dead = []
    for page in pages:
        for link in page.links:
            address = urlsplit(urljoin(SITE_URL + page.address, link))
            if is_elsewhere(address.geturl()) or address.scheme not in ("http", "https"):
                continue
            if not _resolves(site, address, ids):
                dead.append(f"{page.address}: {link}")
    assert not dead, "dead links: " + ", ".join(dead)


def _resolves(site: Path, address, ids: dict[Path, set[str]]) -> bool:
    base = urlsplit(SITE_URL).path
    if not address.path.startswith(base):
        return False
    file = site / unquote(address.path.removeprefix(base))
    file = file / "index.html" if address.path.endswith("/") else file
    if not file.is_file():
        return False
    return not address.fragment or file.suffix != ".html" or unquote(address.fragment) in ids[file]


def test_nothing_is_loaded_from_another_host(site, pages):
    foreign = [f"{page.address}: {address}" for page in pages for address in page.loaded if is_elsewhere(address)]
    for stylesheet in site.rglob("*.css"):
        found = re.findall(r"(?:url\(|@import\s+)[\"']?((?:https?:)?//[^\"')]+)", stylesheet.read_text())
        foreign += [f"{stylesheet.relative_to(site)}: {address}" for address in found]
    assert not foreign, "loaded from another host: " + ", ".join(foreign)


def test_the_built_code_is_the_included_code(content_pages):
    """What a reader copies is what was run: no section marker, no dedent gone wrong."""
    shown = "\n".join(code for page in content_pages for code in page.code)
    assert "--8<--" not in shown
    assert "[start:" not in shown
    for page in content_pages:
        assert page.code or not page.address_in_language.startswith(("causes", "lookalikes"))
