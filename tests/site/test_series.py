"""One choice of a series for the whole site: it is kept, and without JavaScript there is none and all are shown."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

ENTRY = "causes/lazy-relationship/"
OTHER = "causes/expired-after-commit/"


def errors(page: Page, series: str) -> Locator:
    """The errors that a page shows of a series, by the caption above each."""
    return page.locator(f".tabbed-labels [data-series='{series}']").locator("visible=true")


def test_a_choice_shows_the_errors_of_one_series_here_and_on_the_next_page(page: Page, address, project, language):
    old, new = project.series
    page.goto(f"{address}{language.folder}{ENTRY}")
    expect(errors(page, new).first).to_be_visible()
    expect(errors(page, old)).to_have_count(0)
    page.locator(f"[data-choose='{old}']").click()
    expect(page.locator(f"[data-choose='{old}']")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#symptom + .tabbed-set pre").locator("visible=true").first).to_contain_text("await_only()")
    page.goto(f"{address}{language.folder}{OTHER}")
    expect(errors(page, old).first).to_be_visible()
    expect(errors(page, new)).to_have_count(0)


@pytest.mark.parametrize("path", [ENTRY, OTHER])
def test_without_javascript_all_series_are_shown_and_there_is_no_choice(browser: Browser, address, project, path):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(address + path)
    for series in project.series:
        expect(errors(page, series).first).to_be_visible()
    expect(page.locator(".guide-series")).to_be_hidden()
    page.context.close()
