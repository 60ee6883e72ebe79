"""What people paste into issues: the reply for an entry, and the table of all short links."""

import re

from guide.addresses import PLACEHOLDER, short_address
from guide.pages import Page, all_pages
from guide.project import Language, Project

SPECIAL = re.compile(r"[\\`*_\[\]<>]")


def reply(page: Page) -> str:
    """Two lines of Markdown; the button on the page copies the same, see `theme/scripts/reply.js`."""
    return f"[{_title(page)}]({PLACEHOLDER}{short_address(page)})\n{page.answer}"


def short_links(project: Project, language: Language) -> str:
    """All short links with the titles of a language; `short:` is for overrides/main.html, since no builder knows e/."""
    rows = [
        f'| <a href="short:{page.slug}/">{PLACEHOLDER}{short_address(page)}</a> '
        f"| [{_title(page)}]({page.relative.as_posix()}) |"
        for page in sorted(all_pages(project, language), key=lambda page: page.slug)
        if page.has_short_link
    ]
    words = project.words(language)
    return "\n".join([f"| {words['short_link']} | {words['page']} |", "|---|---|", *rows, ""])


def _title(page: Page) -> str:
    return SPECIAL.sub(r"\\\g<0>", page.title)
