"""Zensical, which succeeds Material for MkDocs, builds the same site: the day Material ends is like any other."""

import re
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from finishing import policy
from site_builder import FOLDERS, BuiltPage, build_with_zensical, built_pages, served

TRACEBACK = """\
  File "main.py", line 20, in main
    user.organization.name
  File "sqlalchemy/orm/strategies.py", line 928, in _emit_lazyload
sqlalchemy.exc.MissingGreenlet: greenlet_spawn has not been called; can't call await_only() here.
"""
SEARCHES = [
    ("en", "lazy relationship", "lookalikes/lazy-raise/"),
    ("en", "attribute after commit", "causes/expired-after-commit/"),
    ("en", "coroutine was never awaited", "lookalikes/commit-not-awaited/"),
    ("en", "DetachedInstanceError", "errors/bhk3/"),
    ("ja", "コミット後 属性", "causes/expired-after-commit/"),
    ("ja", "セッション 閉じた", "lookalikes/detached-instance/"),
    ("ja", "expire_on_commit", "techniques/expire-on-commit/"),
]


@pytest.fixture(scope="module")
def zensical(tmp_path_factory):
    return build_with_zensical(tmp_path_factory.mktemp("zensical"))


@pytest.fixture(scope="module")
def address(zensical):
    with served(zensical) as address:
        yield address


@pytest.fixture(scope="module")
def twins(site, zensical) -> list[tuple[BuiltPage, BuiltPage]]:
    """Each page as MkDocs builds it, and as Zensical does."""
    ours, theirs = ({page.address: page for page in built_pages(of) if page.is_content} for of in (site, zensical))
    assert ours.keys() == theirs.keys()
    return [(page, theirs[address]) for address, page in ours.items()]


def test_the_pages_have_the_same_code_links_and_anchors(twins):
    for page, twin in twins:
        assert twin.code == page.code, f"{page.address}: Zensical shows other code"
        assert twin.links_of_content == page.links_of_content, f"{page.address}: Zensical links elsewhere"
        assert twin.anchors == page.anchors, f"{page.address}: Zensical has other anchors"


def test_the_heads_say_the_same(twins):
    for page, twin in twins:
        assert twin.tree.get("lang") == page.language
        assert twin.head("canonical") == page.head("canonical")
        assert twin.head("shortlink") == page.head("shortlink")
        assert twin.head("alternate", hreflang="ja") == page.head("alternate", hreflang="ja")
        assert twin.meta("property", "og:title") == page.meta("property", "og:title")
        allowed = twin.meta("http-equiv", "Content-Security-Policy")
        assert all(policy.hashed(script) in allowed for script in policy.inline_scripts(twin.path.read_text()))


def test_the_navigation_has_the_same_groups(twins):
    for page, twin in twins:
        assert groups(twin) == groups(page), f"{page.address}: Zensical navigates otherwise"


def groups(page: BuiltPage) -> list[str]:
    items = page.tree.xpath("//nav[@data-md-level='0']/ul/li")
    return [item.xpath("normalize-space((.//*[@class='md-ellipsis'])[1])") for item in items]


def test_whatever_a_page_loads_is_there(twins):
    for _, twin in twins:
        for address in filter(None, (urlsplit(address).path for address in twin.loaded)):
            assert (twin.path.parent / unquote(address)).is_file(), f"{twin.address} loads {address}, which is nowhere"


@pytest.mark.parametrize("language", FOLDERS)
def test_the_paste_box_names_the_cause(page: Page, address, said, language):
    home = address + FOLDERS[language]
    page.goto(home, wait_until="networkidle")
    page.locator("#traceback").fill(TRACEBACK)
    expect(page.locator("#diagnosis a").first).to_have_attribute("href", "causes/lazy-relationship/")
    assert said == []


@pytest.mark.parametrize(("language", "words", "page_sought"), SEARCHES)
def test_the_search_finds_the_page(page: Page, address, said, language, words, page_sought):
    home = address + FOLDERS[language]
    page.goto(home, wait_until="networkidle")
    page.locator(".md-search__button").click()
    page.get_by_role("combobox").fill(words)
    expect(page.get_by_role("option").first).to_have_attribute("href", re.compile(f"^{home}{page_sought}(#|$)"))
    assert said == []
