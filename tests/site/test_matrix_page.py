"""The page of the matrix can be filtered in a browser, and read in one without JavaScript."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import open_page

HEADS = ("aiosqlite", "asyncpg", "psycopg", "asyncmy", "aiomysql")

IN_SIGHT = """cells => cells.some((cell) => {
  const { top, bottom, left, width } = cell.getBoundingClientRect();
  return width && left >= 0 && top > 0 && bottom < innerHeight;
})"""


@pytest.fixture
def matrix(language, address) -> str:
    return f"{address}{language.folder}matrix/"


def test_the_filter_leaves_the_rows_and_the_column_that_are_asked_for(page: Page, matrix):
    page.goto(matrix)
    rows = page.locator(".matrix tbody tr").locator("visible=true")
    few = rows.count()
    page.locator("#matrix-differ").uncheck()
    total = rows.count()
    assert few < total / 2, "at first only what differs is shown"
    page.locator("#matrix-text").fill("lazy-relationship/before.py")
    expect(rows).to_have_count(2)
    page.locator("#matrix-series").select_option("2.1")
    expect(rows).to_have_count(1)
    page.locator("#matrix-driver").select_option("asyncpg")
    expect(rows.locator("th, td").locator("visible=true")).to_have_text(
        ["lazy-relationship/before.py", "2.1", "MissingGreenlet"]
    )
    expect(page.locator(".matrix thead th").locator("visible=true").last).to_have_text("asyncpg")
    expect(page.locator("#matrix-shown")).to_have_text(f"1 / {total}")
    page.locator("#matrix-text").fill("StatementError")
    expect(rows).to_have_count(0)


def test_what_is_asked_for_stands_in_the_address_and_the_driver_is_kept(page: Page, matrix, address, language):
    page.goto(f"{matrix}?words=lazy-relationship/before.py&driver=asyncpg&series=2.1&all=1")
    rows = page.locator(".matrix tbody tr").locator("visible=true")
    expect(rows).to_have_count(1)
    page.locator("#matrix-series").select_option("2.0")
    expect(page).to_have_url(re.compile(r"series=2\.0"))
    page.locator("#matrix-driver").select_option("psycopg")
    page.goto(f"{address}{language.folder}causes/lazy-relationship/")
    page.locator(".guide-runs summary").click()
    expect(page.locator(".guide-runs thead th").locator("visible=true")).to_have_text(
        ["lazy-relationship/", "SQLAlchemy", "psycopg"]
    )


def test_the_head_and_the_first_column_stay_in_sight(page: Page, matrix):
    page.set_viewport_size({"width": 800, "height": 600})
    page.goto(matrix)
    page.locator(".matrix").evaluate("box => { box.scrollIntoView(); box.scrollTo(200, 2000); }")
    expect(page.locator(".matrix thead th").first).to_be_in_viewport()
    assert page.locator(".matrix tbody th").evaluate_all(IN_SIGHT)


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
    assert [text for text in page.locator(".matrix thead th").all_inner_texts() if text in HEADS] == list(HEADS)
    assert page.locator(".matrix tbody tr").locator("visible=true").count() > 100
    expect(page.locator("#matrix-text")).to_have_count(0)
    page.context.close()


def test_on_a_phone_one_driver_is_shown_and_nothing_scrolls_sideways(page: Page, matrix):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(matrix)
    expect(page.locator(".matrix thead th").locator("visible=true")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.locator(".matrix").evaluate("box => box.scrollWidth <= box.clientWidth")


def test_the_page_is_quiet(page: Page, matrix):
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    open_page(page, matrix)
    assert said == []
