"""What people paste into issues: the reply for an entry, and the table of all short links."""

import re

from finishing.addresses import PLACEHOLDER, short_address
from pages import Page, all_pages
from project import SNIPPETS

SPECIAL = re.compile(r"[\\`*_\[\]<>]")
HEAD = {"en": "| Short link | Page |", "ja": "| 短いリンク | ページ |"}
TABLES = {language: SNIPPETS / f"short-links.{language}.md" for language in HEAD}


def reply(page: Page) -> str:
    """Two lines of Markdown; the button on the page copies the same, see `overrides/assets/reply.js`."""
    return f"[{_title(page)}]({PLACEHOLDER}{short_address(page)})\n{page.answer}"


def table(language: str) -> str:
    """All short links with the titles of a language; `short:` is for overrides/main.html, since no builder knows e/."""
    rows = [
        f'| <a href="short:{page.slug}/">{PLACEHOLDER}{short_address(page)}</a> '
        f"| [{_title(page)}]({page.relative.as_posix()}) |"
        for page in sorted(all_pages(language), key=lambda page: page.slug)
        if page.has_short_link
    ]
    return "\n".join([HEAD[language], "|---|---|", *rows, ""])


def _title(page: Page) -> str:
    return SPECIAL.sub(r"\\\g<0>", page.meta["title"])
