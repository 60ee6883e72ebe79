"""Each page has a policy under which it works, and nothing that the policy would forbid."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from guide.site import policy
from guide.site.built import BuiltPage
from guide.site.folder import Site
from tests.browsing import open_page

ENTRY = "causes/lazy-relationship/"
TRACEBACK = "sqlalchemy.exc.MissingGreenlet: greenlet_spawn has not been called; can't call await_only() here."


def test_no_page_has_anything_inline_that_its_policy_does_not_allow(pages):
    found = {what: address for page in reversed(pages) for what, address in forbidden(page)}
    if found:
        pytest.fail("\n".join(f"{address} has {what}" for what, address in found.items()), pytrace=False)


def forbidden(page: BuiltPage) -> Iterator[tuple[str, str]]:
    """What the page's policy forbids, and what to do about it, each with the page's address."""
    text, allowed = page.path.read_text(), page.meta("http-equiv", "Content-Security-Policy") or ""
    for script in policy.inline_scripts(text):
        if policy.hashed(script) not in allowed:
            start, identity = " ".join(script.split())[:60], policy.identity(script)
            yield (
                f"an inline script, `{start}`: load it from a file in overrides/assets; if it is the theme's, "
                f"add '{identity}' to THEME in guide/site/policy.py",
                page.address,
            )
    for attribute in page.tree.xpath("//@style | //@*[starts-with(name(), 'on')]"):
        yield (
            f'{attribute.attrname}="{attribute[:60]}": browsers ignore it, use a file of overrides/assets',
            page.address,
        )


def test_every_policy_stands_before_what_it_governs_and_names_no_host(pages):
    for page in pages:
        content = page.meta("http-equiv", "Content-Security-Policy")
        assert content, f"{page.address} has no policy: `make site` adds it"
        assert content.startswith("default-src 'none'; script-src 'self'")
        assert "unsafe" not in content
        assert not re.search(r"https?:|\*", content)
        head = page.path.read_text().partition(content)[0]
        assert "<script" not in head
        assert "<style" not in head
        assert page.path.read_text().count("Content-Security-Policy") == 1


def test_completing_twice_changes_nothing(site, tmp_path):
    page = tmp_path / "index.html"
    page.write_text((site.folder / "index.html").read_text())
    policy.write(Site(site.project, tmp_path, site.url))
    assert page.read_text() == (site.folder / "index.html").read_text()


def test_the_site_works_under_its_policy(page: Page, published_address, said, language):
    home = published_address + language.folder
    open_page(page, home)
    page.locator("#traceback").fill(TRACEBACK)
    expect(page.locator("#diagnosis")).to_have_attribute("data-state", "ambiguous")
    page.locator("input.md-search__input").fill("MissingGreenlet")
    page.locator(".md-search-result__item").first.wait_for()
    for path in (ENTRY, "matrix/", "how-it-works/", "linking/"):
        open_page(page, home + path)
    page.locator("header label[for^=__palette]:visible").click()
    assert said == []


@pytest.mark.parametrize("path", ["causes/nowhere/deeper/", "nowhere"])
def test_the_404_page_offers_the_paste_box_and_the_search_at_any_depth(page: Page, site, published_address, said, path):
    missing = site.folder / "404.html"
    page.route(f"**/{path}", lambda route: route.fulfill(status=404, path=missing, content_type="text/html"))
    for language in site.project.languages:
        open_page(page, published_address + path)
        links = page.locator(f"article [lang={language}] a")
        links.first.click()
        expect(page.locator("#traceback")).to_be_in_viewport()
        assert page.url == f"{published_address}{language.folder}#traceback"
        open_page(page, published_address + path)
        links.last.click()
        expect(page.locator("input.md-search__input")).to_be_focused()
        assert page.url.startswith(published_address + language.folder)
    assert [message for message in said if "404 (Not Found)" not in message] == []


def test_an_inline_script_is_blocked_unless_it_is_known(page: Page, site, published_address, said):
    text = (site.folder / "glossary/index.html").read_text().replace("</body>", "<script>alert(1)</script></body>")
    page.route("**/glossary/", lambda route: route.fulfill(body=text, content_type="text/html"))
    open_page(page, f"{published_address}glossary/")
    assert any("Content Security Policy" in message for message in said)
