"""axe finds nothing, in both languages and schemes; the keyboard reaches everything in order and the focus is seen."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from guide.kept import Kept
from guide.project import Language, Project
from guide.site.folder import Site

AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
ENTRY = "causes/lazy-relationship/"
PAGES = {
    "home": "",
    "causes": "causes/",
    "cause": ENTRY,
    "look-alike": "lookalikes/concurrent-session/",
    "error": "errors/xd2s/",
    "other errors": "lookalikes/",
    "fixes": "techniques/",
    "technique": "techniques/eager-loading/",
    "matrix": "matrix/",
    "claims": "claims/",
    "404": "404.html",
}
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
# Each on a screen of its own: what has the wrong colour on one has it on the other.
SCHEMES = {"light": DESKTOP, "dark": PHONE}
# What tabs and folds hide and what is far down, all at once, and once the page has seen how large it is.
OPEN_ALL = """async () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
  for (const block of document.querySelectorAll(".tabbed-block")) block.style.display = "block";
  for (const late of document.querySelectorAll("pre, tr")) late.style.contentVisibility = "visible";
  for (let frames = 0; frames < 2; frames += 1) await new Promise(requestAnimationFrame);
}"""
# What takes the focus, by what a reader sees of it: some inputs are shown as their label.
FOCUSED = """() => {
  const focused = document.activeElement;
  const tabs = focused.matches(".tabbed-set > input")
    && (focused.type === "checkbox" ? focused.labels[0] : focused.parentElement.querySelector(".tabbed-labels"));
  const shown = tabs || (focused.matches(".md-option") ? focused.nextElementSibling : focused);
  const box = shown.getBoundingClientRect();
  const style = getComputedStyle(shown);
  return {
    html: focused.outerHTML.slice(0, 120),
    kinds: KINDS.filter((kind) => focused.matches(kind)),
    end: focused === document.body,
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1,
    seen: box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight,
  };
}"""
MOVING = """() => [...document.querySelectorAll("*")].filter((element) => {
  const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(element);
  return /[1-9]/.test(transitionDuration) || animationName !== "none" || scrollBehavior === "smooth";
}).map((element) => element.outerHTML.slice(0, 120))"""


@pytest.fixture
def visit(request, published_address):
    """A function that opens a page of a language, with its scripts run; the browser is started only then."""

    def visit(language: Language, path: str, **media: Any) -> Page:
        page = request.getfixturevalue("page")
        page.emulate_media(**media)
        page.goto(published_address + language.folder + path)
        return page

    return visit


@pytest.fixture
def violations(project: Project) -> Callable[..., str]:
    """A function from what prepares a page, and what that depends on, to what axe finds there, one line each.

    That is kept until the page or axe changes.
    """
    if not AXE.exists():
        assert not os.environ.get("CI"), "axe-core is missing: run `make lint`, which installs it"
        pytest.skip("axe-core is missing: install Node 20 or later, then run `make lint`")
    axe, kept = AXE.read_text(), Kept(project, "axe")

    def violations(prepare: Callable[[], Page], *depends_on: str) -> str:
        def run() -> str:
            page = prepare()
            page.evaluate(axe)
            found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
            return "\n".join(
                f"{one['help']}: {node['html'][:120]} {node['failureSummary']}"
                for one in found
                for node in one["nodes"]
            )

        return kept.made(run, axe, Path(__file__).read_text(), *depends_on)

    return violations


def content(site: Site, language: Language, path: str) -> str:
    """All that a page is made of, as built: itself and the scripts."""
    file = site.folder / language.folder / path
    scripts = sorted((site.folder / "assets").glob("*.js"))
    return "".join(part.read_text() for part in (file / "index.html" if file.is_dir() else file, *scripts))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_axe_finds_nothing(visit, violations, site, path, language, scheme):
    def prepare() -> Page:
        page = visit(language, path, color_scheme=scheme)
        page.set_viewport_size(SCHEMES[scheme])
        page.evaluate(OPEN_ALL)
        return page

    found = violations(prepare, scheme, content(site, language, path))
    assert not found, found


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_in_the_opened_search(visit, violations, site, language, scheme):
    def prepare() -> Page:
        page = visit(language, "", color_scheme=scheme)
        page.set_viewport_size(SCHEMES[scheme])
        page.locator("input.md-search__input").fill("MissingGreenlet")
        page.locator(".md-search-result__item").first.wait_for()
        return page

    found = violations(prepare, "search", scheme, content(site, language, ""))
    assert not found, found


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_in_an_answer_and_a_filtered_list(visit, violations, site, language, scheme):
    def prepare() -> Page:
        page = visit(language, "", color_scheme=scheme)
        page.set_viewport_size(SCHEMES[scheme])
        page.locator("#try").click()
        page.locator(".guide-answer").wait_for()
        page.locator("#filter").fill("loop")
        return page

    found = violations(prepare, "answer", scheme, content(site, language, ""))
    assert not found, found


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_in_the_opened_drawer(visit, violations, site, language, scheme):
    def prepare() -> Page:
        page = visit(language, ENTRY, color_scheme=scheme)
        page.set_viewport_size(PHONE)
        page.locator(".guide-menu").click()
        expect(page.locator(".guide-part__link").first).to_be_in_viewport()
        return page

    found = violations(prepare, "drawer", scheme, content(site, language, ENTRY))
    assert not found, found


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("", (".md-skip", ".md-search__input", ".guide-language", "#traceback", "#try", "#filter")),
        (ENTRY, (".md-skip", ".md-search__input", ".guide-language", ".tabbed-set > input", ".md-code__button")),
    ],
    ids=["home", "cause"],
)
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_keyboard_reaches_everything_in_order_and_the_focus_is_seen(
    project, visit, site, path, kinds, language, size
):
    def tab_through() -> str:
        page = visit(language, path, reduced_motion="reduce")
        page.set_viewport_size(size)
        found: list[dict] = []
        while not found or not found[-1]["end"]:
            page.keyboard.press("Tab")
            found.append(page.evaluate(FOCUSED.replace("KINDS", str(list(kinds)))))
        return json.dumps(found[:-1])

    made_of = (content(site, language, path), Path(__file__).read_text(), str(size))
    reached: list[str] = []
    for focused in json.loads(Kept(project, "focus").made(tab_through, *made_of)):
        assert focused["outlined"], f"no outline shows that this has the focus: {focused['html']}"
        assert focused["seen"], f"the focus is out of sight: {focused['html']}"
        reached += [kind for kind in focused["kinds"] if kind not in reached]
    assert tuple(reached) == kinds, "the Tab key reaches these in another order, or not all of them"


def test_on_a_phone_the_keyboard_opens_the_navigation(page, visit, language):
    page.set_viewport_size(PHONE)
    visit(language, ENTRY)
    navigation = page.get_by_role("banner").get_by_role("button").first
    expect(navigation).to_have_attribute("aria-expanded", "false")
    navigation.focus()
    page.keyboard.press("Enter")
    expect(navigation).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".md-sidebar--primary")).to_be_in_viewport()


def test_arrow_keys_change_the_tab_and_enter_copies(page, visit, context, project):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit(project.original, ENTRY)
    fixes = page.locator("#fixes ~ .tabbed-set").first
    fixes.locator("input").first.focus()
    page.keyboard.press("ArrowRight")
    shown = fixes.locator(".tabbed-block").nth(1)
    expect(shown).to_be_visible()
    shown.locator(".md-code__button").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".md-dialog")).to_contain_text("Copied")
    code = shown.locator("pre code").first.text_content() or ""
    assert page.evaluate("navigator.clipboard.readText()").strip() == code.strip()


@pytest.mark.parametrize("path", ["", ENTRY], ids=["home", "cause"])
def test_nothing_moves_for_whoever_asked_for_less_motion(visit, path, project):
    assert visit(project.original, path, reduced_motion="reduce").evaluate(MOVING) == []
