"""The link at the end of a proved sentence opens its run; whole files are at their addresses."""

from playwright.sync_api import Browser, Page, expect

from guide.facts import PRINTED, printed
from guide.snippets import FACTS, Snippet
from tests.browsing import open_page

ENTRY = "causes/expired-after-commit/"
FACT = "every-attribute"


def test_a_click_shows_the_function_and_what_it_printed(page: Page, project, address, language):
    open_page(page, address + language.folder + ENTRY)
    link = page.locator(f"#fact-{FACT}")
    link.click()
    run = page.locator(".guide-run")
    facts = Snippet(project, project.snippets / "expired-after-commit" / FACTS)
    [line] = [line for line in printed(facts).splitlines() if line.startswith(f"{FACT}: ")]
    expect(run).to_contain_text("async def every_attribute(Session):")
    expect(run.locator("strong")).to_have_text(line)
    expect(link).to_have_attribute("aria-expanded", "true")
    link.click()
    expect(run).to_have_count(0)


def test_without_javascript_the_link_leads_to_the_whole_file(browser: Browser, address):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(address + ENTRY)
    target = page.locator(f"#fact-{FACT}").evaluate("link => link.href")
    page.context.close()
    assert target.endswith("/code/expired-after-commit/facts.py")


def test_every_fact_of_a_page_can_be_opened(site, project):
    """The scripts find a function by the name in the link, and its line by the same name."""
    for path in sorted(project.snippets.glob(f"*/{FACTS}")):
        published = site.folder / "code" / path.parent.name
        program = (published / FACTS).read_text()
        for name in PRINTED.findall((published / "recorded" / "facts.txt").read_text()):
            assert f"def {name.replace('-', '_')}(" in program, f"{path}: {name}"


def test_the_lanes_of_a_page_fit_a_phone_and_are_a_table_to_a_screen_reader(page: Page, address, language):
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, address + language.folder + ENTRY)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    lanes = page.locator(".lanes").locator("visible=true").first
    assert lanes.locator("caption").inner_text().strip()
    expect(lanes.get_by_role("rowheader")).to_have_count(lanes.locator("tbody tr").count())
