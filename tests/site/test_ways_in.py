"""The home page's example, and the filter of the pages that list others."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import open_page


def test_the_example_is_a_recording_and_is_answered(page: Page, address, project, language):
    open_page(page, address + language.folder)
    page.locator("#try").click()
    expect(page.locator("#diagnosis")).to_have_attribute("data-state", "found")
    recorded = {path.read_text().strip() for path in project.snippets.glob("*/recorded/*/before*.txt")}
    assert page.locator("#traceback").input_value() in recorded


def test_without_javascript_the_example_is_a_link_and_the_filter_says_that_it_needs_it(
    browser: Browser, address, language
):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + language.folder)
    expect(page.locator("form.guide-filter")).to_be_hidden()
    expect(page.locator("form.guide-filter + noscript p")).to_be_visible()
    page.locator("#try").click()
    expect(page.locator("#symptom")).to_be_in_viewport()
    context.close()


@pytest.mark.parametrize("path", ["", "lookalikes/"], ids=["home", "other errors"])
def test_the_filter_leaves_the_rows_with_all_words(page: Page, address, language, path):
    open_page(page, address + language.folder + path)
    page.locator("#filter").fill("Celery nullpool")
    rows = page.locator("form.guide-filter ~ * tbody tr, form.guide-filter ~ table tbody tr").locator("visible=true")
    expect(rows).to_have_count(1)
    expect(rows.locator("a").first).to_have_attribute("href", "celery-task/" if path else "lookalikes/celery-task/")
    page.locator("#filter").fill("")
    expect(page.locator("table:not([class]) tr[hidden]")).to_have_count(0)
