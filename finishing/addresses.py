"""Where each page is published, below the site's address and in full."""

import os

from pages import Page
from project import FOLDERS, ROOT

SITE_URL = os.environ.get("SITE_URL", "http://127.0.0.1:8000/")
REDIRECTS = ROOT / "redirects.txt"
# What stands for the site's address in a page.
PLACEHOLDER = "SITE_URL/"


def address(page: Page) -> str:
    """The address below the site's, such as `ja/causes/lazy-relationship/`."""
    path = page.relative.with_suffix("").as_posix()
    return FOLDERS[page.language] + ("" if path == "index" else f"{path}/")


def url(page: Page) -> str:
    return SITE_URL + address(page)


def short_address(page: Page) -> str:
    """The address that is the same for every language."""
    return f"e/{page.slug}/"


def redirects() -> dict[str, str]:
    """The pages that moved, by their old path below the language, each with its new one: both without ending."""
    return dict(line.split() for line in REDIRECTS.read_text().splitlines())


def successor(slug: str) -> str | None:
    """The page, without ending, that the old addresses of an entry that once had this slug lead to."""
    return next((new for old, new in redirects().items() if old.endswith(f"/{slug}")), None)
