"""Short links redirect in the reader's language, replies say what pages say, and no link of the served site is dead."""

from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, Page, expect

from guide.addresses import short_address
from guide.pages import all_pages
from guide.replies import reply
from guide.site.built import BuiltPage
from guide.threads import most_met

# So many of the causes that are met most have their reply on the page about linking.
REPLIES = 5
ENTRY = "causes/lazy-relationship/"
SHORT = "e/lazy-relationship/"
# The titles have underscores, brackets or quotation marks.
ODD = ("causes/column-property/", "lookalikes/lazy-raise/", "causes/sqladmin-view/", "errors/xd2s/")


def test_every_entry_and_error_code_has_a_short_link_that_works_without_a_script(project, site):
    entries = [page for page in all_pages(project, project.original) if page.has_short_link]
    for entry in entries:
        page = BuiltPage(project, site.folder, site.folder / short_address(entry) / "index.html")
        targets = {
            link.get("hreflang"): urljoin(site.url + page.address, link.get("href")) for link in page.tree.iter("a")
        }
        twins = {language.code: entry.in_language(language) for language in project.languages}
        assert targets == {code: site.address(twin) for code, twin in twins.items()}
        assert page.head("canonical") == [site.address(entry)]
    assert len({short_address(entry) for entry in entries}) == len(entries)


@pytest.mark.parametrize(("locale", "folder"), [("en-GB", ""), ("ja-JP", "ja/"), ("fr-FR", "")])
def test_a_short_link_sends_the_browser_to_its_language_with_the_anchor(
    browser: Browser, published_address, locale, folder
):
    context = browser.new_context(locale=locale)
    page = context.new_page()
    page.goto(f"{published_address}{SHORT}#fixes")
    expect(page).to_have_url(f"{published_address}{folder}{ENTRY}#fixes")
    context.close()


def test_a_short_link_shows_all_languages_without_javascript(browser: Browser, published_address, project):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(published_address + SHORT)
    expect(page.get_by_role("link")).to_have_count(len(project.languages))
    page.get_by_role("link").last.click()
    expect(page).to_have_url(f"{published_address}ja/{ENTRY}")
    context.close()


def test_the_button_copies_a_reply_for_an_issue(browser: Browser, published_address, site, language):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    for path in (ENTRY, *ODD):
        page.goto(published_address + language.folder + path)
        page.locator(".guide-reply button").click()
        expect(page.locator(".guide-reply [role=status]")).not_to_be_empty()
        [entry] = [entry for entry in all_pages(site.project, language) if site.address(entry).endswith(f"/{path}")]
        assert page.evaluate("navigator.clipboard.readText()") == reply(entry).replace("SITE_URL/", site.url)
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


def test_the_page_about_linking_gives_the_replies_that_the_buttons_copy(project, language):
    text = (project.docs / language.code / "linking.md").read_text()
    for slug in most_met(project)[:REPLIES]:
        [entry] = [page for page in all_pages(project, language) if page.slug == slug]
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
