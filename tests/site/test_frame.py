"""What stands around the text: the group that a page is in, its neighbours there, the parts of the site."""

from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from guide.addresses import address as address_of
from guide.pages import Page as Source
from guide.project import Language, Project

ENTRY = "causes/expired-after-commit/"
PHONE = ViewportSize(width=390, height=844)
# The header's height, in pixels.
HIGHEST = 61


def groups(project: Project, language: Language) -> list[list[str]]:
    """The addresses of the pages of each group of the navigation; pages of a part that are in no group are one."""
    found: list[list[str]] = []
    for part in project.configurations[language]["nav"]:
        [below] = part.values()
        own: list[str] = []
        for item in below if isinstance(below, list) else []:
            [target] = item.values()
            if isinstance(target, str):
                own.append(target)
            else:
                found.append([path for one in target for path in one.values()])
        found.append(own)
    docs = project.docs / language.code
    return [[address_of(Source(project, docs / path)) for path in paths] for paths in found]


@pytest.fixture(scope="module")
def by_address(pages):
    return {page.address: page for page in pages if page.is_content}


def test_the_sidebar_holds_only_the_group_that_the_page_is_in(project, language, by_address):
    lists_others = {language.folder + folder for folder in project.configurations[language]["extra"]["ways_in"]}
    for group in groups(project, language):
        shown = [address for address in group if address not in lists_others]
        for address in shown:
            links = by_address[address].tree.xpath("//nav[@data-md-level='0']//ul[@class='guide-group']/li/a/@href")
            assert [urljoin(f"/{address}", link) for link in links] == [f"/{one}" for one in shown]


def test_previous_and_next_stay_within_the_group(project, language, by_address):
    for group in groups(project, language):
        for before, address, after in zip([None, *group], group, [*group[1:], None], strict=False):
            links = by_address[address].tree.xpath("//nav[contains(@class, 'guide-neighbours')]/a/@href")
            near = [f"/{one}" for one in (before, after) if one]
            assert [urljoin(f"/{address}", link) for link in links] == near


def test_a_link_preview_has_a_picture_in_the_language_of_the_page(site, by_address):
    for page in by_address.values():
        picture = page.meta("property", "og:image")
        assert picture == f"{site.url}{page.language.folder}assets/social.png"
        assert (site.folder / picture.removeprefix(site.url)).is_file()


def test_on_a_phone_the_drawer_leads_to_every_part_and_to_the_headings(page: Page, address, language):
    page.set_viewport_size(PHONE)
    page.goto(address + language.folder + ENTRY)
    page.locator(".guide-menu").click()
    expect(page.locator(".guide-part__link").last).to_be_in_viewport()
    page.locator(".guide-toc a[href='#why']").click()
    expect(page.locator(".md-sidebar--primary")).not_to_be_in_viewport()
    expect(page.locator("#why")).to_be_in_viewport()


@pytest.mark.parametrize("width", [320, 390, 600, 1024, 1220, 1440])
def test_the_header_is_one_row_at_any_width(page: Page, address, language, width):
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(address + language.folder + ENTRY)
    for part in page.locator(".md-header__inner > :visible").all():
        box = part.bounding_box()
        assert box
        left, top, right, bottom = box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]
        is_within = left >= 0 and top >= 0 and right <= width and bottom <= HIGHEST
        assert is_within, part.evaluate("one => one.className")
