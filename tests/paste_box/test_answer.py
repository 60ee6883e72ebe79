"""The card: a fix that was run, in the reader's own names, and all that a reader can do with an answer."""

import re

import pytest
from playwright.sync_api import Page, expect

from guide.snippets import all_snippets
from tests.browsing import open_page
from tests.paste_box.conftest import recordings_of

# What the page shows as code below "The fix", and which entry comes first.
FIXES = """(texts) => texts.map((text) => {
  const box = document.querySelector("textarea#traceback");
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  const codes = [...document.querySelectorAll("#diagnosis [data-slot=fix] pre")].map((pre) => {
    const copy = pre.cloneNode(true);
    for (const guess of copy.querySelectorAll("mark")) guess.textContent = "Guess";
    return copy.textContent;
  });
  return { first: document.querySelector("#diagnosis [data-slug]")?.dataset.slug, codes };
})"""
PHONE = {"width": 390, "height": 844}


def pattern(code: str) -> re.Pattern[str]:
    """Code as it may stand in a program: a marked guess is any name."""
    return re.compile(re.sub(r"\bGuess\b", r"\\w+", re.escape(squeezed(code))))


def squeezed(code: str) -> str:
    """Code without what a formatter puts in: spaces, line breaks and commas before a closing bracket."""
    return re.sub(r",(?=[)\]])", "", re.sub(r"\s+", "", code))


@pytest.fixture
def lazy(all_recordings) -> str:
    """The whole traceback of a relationship that was never loaded."""
    [lines] = [
        lines
        for snippet, series, lines in all_recordings
        if (snippet.slug, snippet.path.stem, series) == ("lazy-relationship", "before", "2.1")
    ]
    return "\n".join(lines)


def fill(page: Page, text: str) -> None:
    """Put a text into the box, as pasting does; typing it would take a while."""
    page.locator("#traceback").evaluate(
        "(box, text) => { box.value = text; box.dispatchEvent(new Event('input', { bubbles: true })); }", text
    )


def test_a_fix_is_a_changed_line_of_an_after(project, page: Page, address, language):
    """Filled with the entry's own names, each shown fix, or the one shown beside it, was run."""
    open_page(page, address + language.folder)
    kinds = project.data["paste-box"]["fixes"].values()
    entries = {slug for kind in kinds for slug in kind}
    afters: dict[str, list[str]] = {slug: [] for slug in entries}
    for snippet in all_snippets(project):
        if snippet.slug in entries and snippet.mends and snippet.diff.exists():
            added = [line[1:] for line in snippet.diff.read_text().splitlines() if line.startswith("+")]
            afters[snippet.slug].append(squeezed("\n".join(added)))
    found = [
        (snippet.slug, lines)
        for snippet in all_snippets(project)
        if snippet.slug in entries
        for _, _, lines in recordings_of(snippet)
    ]
    not_run: dict[str, set[str]] = {}
    ran = set()
    answers = page.evaluate(FIXES, ["\n".join(lines) for _, lines in found])
    for (slug, _), answer in zip(found, answers, strict=True):
        if answer["first"] == slug and answer["codes"]:
            is_run = any(pattern(code).search(text) for code in answer["codes"] for text in afters[slug])
            ran |= {slug} if is_run else set()
            not_run.setdefault(slug, set()).update(answer["codes"])
    assert not {slug: codes for slug, codes in not_run.items() if slug not in ran}, "give these another kind of fix"
    assert ran >= {"lazy-relationship", "expired-after-commit"}


def test_a_question_puts_the_chosen_cause_first(page: Page, address, language, lazy):
    open_page(page, address + language.folder)
    fill(page, lazy)
    first = page.locator("#diagnosis [data-slug]").first
    expect(first).to_have_attribute("data-slug", "lazy-relationship")
    page.locator("[data-answer=new-object-relationship]").click()
    expect(first).to_have_attribute("data-slug", "new-object-relationship")
    expect(page.locator("[data-answer=new-object-relationship]")).to_have_attribute("aria-pressed", "true")


def test_each_answer_to_the_question_of_a_bare_message_can_be_taken_back(page: Page, address, language):
    open_page(page, address + language.folder)
    fill(page, "MissingGreenlet: greenlet_spawn has not been called; can't call await_only() here.")
    answers = page.eval_on_selector_all("[data-answer]", "all => all.map((one) => one.dataset.answer)")
    assert len(answers) > 3
    for slug in answers:
        page.locator(f"[data-answer={slug}]").click()
        expect(page.locator("#diagnosis [data-slug]").first).to_have_attribute("data-slug", slug)


def test_a_link_shows_the_same_entries_and_holds_no_text(page: Page, address, language, lazy):
    home = address + language.folder
    open_page(page, home)
    page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text }")
    fill(page, lazy)
    slugs = page.eval_on_selector_all("#diagnosis [data-slug]", "links => links.map((link) => link.dataset.slug)")
    page.locator(".guide-actions button").click()
    shared = page.evaluate("window.copied")
    assert shared == f"{home}#found={','.join(slugs)}"
    page.evaluate("sessionStorage.clear()")
    page.goto("about:blank")
    open_page(page, shared)
    again = page.eval_on_selector_all("#diagnosis [data-slug]", "links => links.map((link) => link.dataset.slug)")
    assert again == slugs
    page.goto("about:blank")
    open_page(page, f"{home}#found=no-entry,<b>")
    expect(page.locator("#diagnosis")).to_have_attribute("data-state", "empty")


def test_a_text_is_kept_until_it_is_cleared(page: Page, address, project, lazy):
    first, second = project.languages[:2]
    open_page(page, address + first.folder)
    fill(page, lazy)
    open_page(page, address + second.folder)
    expect(page.locator("#diagnosis")).to_have_attribute("data-state", "found")
    page.locator("#clear").click()
    expect(page.locator("#diagnosis")).to_have_attribute("data-state", "empty")
    open_page(page, address + second.folder)
    assert page.locator("#traceback").input_value() == ""


def test_typing_behind_a_long_paste_keeps_the_answer(page: Page, address, language, lazy):
    open_page(page, address + language.folder)
    fill(page, lazy + "\n" + "INFO:     started\n" * 5000)
    expect(page.locator("#diagnosis")).to_have_attribute("data-state", "found")
    page.locator("#traceback").press("End")
    page.keyboard.type(" ")
    expect(page.locator("#diagnosis")).to_have_attribute("data-state", "found")
    fill(page, "KeyError: 'organization'")
    expect(page.locator("#diagnosis")).to_have_attribute("data-state", "unknown")


def test_frames_that_no_tool_prints_are_said_to_be_unreadable(page: Page, address):
    open_page(page, address)
    fill(page, "app.py somewhere, then models.py\nMissingGreenlet: greenlet_spawn has not been called")
    expect(page.locator("#diagnosis")).to_contain_text("read the frames of your traceback")


@pytest.mark.parametrize("path", ["errors/xd2s/", "causes/expired-after-commit/", "404.html"])
def test_the_box_of_another_page_gives_the_same_answer(page: Page, published_address, path, lazy):
    open_page(page, published_address)
    fill(page, lazy)
    there = page.locator("#diagnosis [data-slug]").first.evaluate("link => link.href")
    page.locator("#clear").click()
    page.goto(published_address + path)
    if page.locator("details.guide-unsure").count():
        page.locator("details.guide-unsure summary").click()
    page.locator("#traceback").focus()
    expect(page.locator("#diagnosis")).to_have_attribute("data-ready", "true")
    fill(page, lazy)
    expect(page.locator("#diagnosis")).to_have_attribute("data-state", "found")
    assert page.locator("#diagnosis [data-slug]").first.evaluate("link => link.href") == there


def test_a_page_asks_for_nothing_before_its_box_is_used(page: Page, address):
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    open_page(page, address + "causes/expired-after-commit/")
    assert not [url for url in requests if "paste-box.js" in url or "paste-index" in url]


def test_on_a_phone_the_fix_is_on_the_first_screen(browser, address, language, lazy):
    page = browser.new_page(viewport=PHONE)
    open_page(page, address + language.folder)
    page.locator("#traceback").focus()
    page.evaluate(
        """(text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          const box = document.querySelector("#traceback");
          box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
          box.value = text;
          box.dispatchEvent(new Event("input", { bubbles: true }));
        }""",
        lazy,
    )
    expect(page.locator("#diagnosis [data-slot=fix] pre").first).to_be_in_viewport(ratio=1)
    page.close()
