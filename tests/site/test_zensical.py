"""Zensical, which succeeds Material for MkDocs, builds the same site: the day Material ends is like any other."""

import re
from urllib.parse import urljoin

import pytest
from filelock import FileLock
from playwright.sync_api import Page, expect

from guide.plugin import fail_with
from guide.project import Project
from guide.site import policy
from guide.site.building import build_with_zensical, copy_sources
from guide.site.built import BuiltPage, built_pages, dead_links
from guide.site.folder import Site
from guide.site.hosting import served
from tests.browsing import open_page

pytestmark = pytest.mark.builders
TRACEBACK = """\
  File "main.py", line 20, in main
    user.organization.name
  File "sqlalchemy/orm/strategies.py", line 928, in _emit_lazyload
sqlalchemy.exc.MissingGreenlet: greenlet_spawn has not been called; can't call await_only() here.
"""
SEARCHES = [
    ("", "not available due to lazy", "lookalikes/lazy-raise/"),
    ("", "attribute after commit", "causes/expired-after-commit/"),
    ("", "coroutine was never awaited", "lookalikes/commit-not-awaited/"),
    ("", "DetachedInstanceError", "lookalikes/detached-instance/"),
    ("ja/", "コミット後 属性", "causes/expired-after-commit/"),
    ("ja/", "セッション 閉じた", "lookalikes/detached-instance/"),
    ("ja/", "expire_on_commit", "techniques/expire-on-commit/"),
]


@pytest.fixture(scope="session")
def zensical(site, tmp_path_factory, worker_id) -> Site:
    """The same site, built once per run by Zensical, where its configurations say."""
    shared = tmp_path_factory.getbasetemp()
    folder = (shared if worker_id == "master" else shared.parent) / "zensical"
    built = Site(Project(folder), folder / "site", site.url)
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            folder.mkdir()
            copy_sources(site.project, folder)
            build_with_zensical(built)
    return built


@pytest.fixture(scope="session")
def address(zensical):
    with served(zensical.folder) as address:
        yield address


@pytest.fixture(scope="module")
def twins(pages, zensical) -> list[tuple[BuiltPage, BuiltPage]]:
    """Each page as MkDocs builds it, and as Zensical does."""
    of_zensical = built_pages(zensical.project, zensical.folder)
    ours, theirs = ({page.address: page for page in of if page.is_content} for of in (pages, of_zensical))
    assert ours.keys() == theirs.keys()
    return [(page, theirs[address]) for address, page in ours.items()]


def test_the_pages_have_the_same_code_links_and_anchors(twins):
    for page, twin in twins:
        assert twin.code == page.code, f"{page.address}: Zensical shows other code"
        ours, theirs = ([urljoin(f"/{one.address}", link) for link in one.links_of_content] for one in (page, twin))
        assert theirs == ours, f"{page.address}: Zensical links elsewhere"
        assert twin.anchors == page.anchors, f"{page.address}: Zensical has other anchors"


def test_the_heads_say_the_same(twins):
    for page, twin in twins:
        assert twin.tree.get("lang") == page.language.code
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


def test_no_link_and_nothing_loaded_leads_nowhere(zensical):
    fail_with(dead_links(zensical, built_pages(zensical.project, zensical.folder)))


def test_the_paste_box_names_the_cause(page: Page, address, said, language):
    home = address + language.folder
    open_page(page, home)
    page.locator("#traceback").fill(TRACEBACK)
    expect(page.locator("#diagnosis a").first).to_have_attribute("href", "causes/lazy-relationship/")
    assert said == []


@pytest.mark.parametrize(("folder", "words", "page_sought"), SEARCHES)
def test_the_search_finds_the_page(page: Page, address, said, folder, words, page_sought):
    home = address + folder
    open_page(page, home)
    page.locator(".md-search__button").click()
    page.get_by_role("combobox").fill(words)
    expect(page.get_by_role("option").first).to_have_attribute("href", re.compile(f"^{home}{page_sought}(#|$)"))
    assert said == []
