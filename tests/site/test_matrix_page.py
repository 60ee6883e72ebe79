"""The page of the matrix can be filtered in a browser, and read in one without JavaScript."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import open_page

HEADS = ("aiosqlite", "asyncpg", "psycopg", "asyncmy", "aiomysql")


@pytest.fixture
def matrix(language, address) -> str:
    return f"{address}{language.folder}matrix/"


def test_the_filter_leaves_the_rows_and_the_column_that_are_asked_for(page: Page, matrix):
    page.goto(matrix)
    rows = page.locator("article table").first.locator("tbody tr").locator("visible=true")
    total = rows.count()
    page.locator("#matrix-text").fill("lazy-relationship/before.py")
    expect(rows).to_have_count(2)
    page.locator("#matrix-series").select_option("2.1")
    expect(rows).to_have_count(1)
    page.locator("#matrix-driver").select_option("asyncpg")
    expect(rows.locator("td").locator("visible=true")).to_have_text(
        ["lazy-relationship/before.py", "2.1", "MissingGreenlet"]
    )
    expect(page.locator("article table").first.locator("thead th").locator("visible=true").last).to_have_text("asyncpg")
    expect(page.locator("#matrix-shown")).to_have_text(f"1 / {total}")
    page.locator("#matrix-text").fill("StatementError")
    expect(rows).to_have_count(0)


def test_every_control_can_be_named_and_reached_with_the_keyboard(page: Page, matrix):
    page.goto(matrix)
    for control in ("text", "driver", "series"):
        assert page.locator(f"#matrix-{control}").evaluate("control => control.labels[0].innerText.trim()")
    page.locator("#matrix-text").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#matrix-driver")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#matrix-series")).to_be_focused()


def test_without_javascript_there_is_the_whole_table_and_no_filter(browser: Browser, matrix):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(matrix)
    assert [
        text for text in page.locator("article table").first.locator("thead th").all_inner_texts() if text in HEADS
    ] == list(HEADS)
    assert page.locator("article table").first.locator("tbody tr").locator("visible=true").count() > 100
    expect(page.locator("#matrix-text")).to_have_count(0)
    page.context.close()


def test_on_a_phone_the_table_scrolls_and_the_page_does_not(page: Page, matrix):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(matrix)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_page_is_quiet(page: Page, matrix):
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    open_page(page, matrix)
    assert said == []
