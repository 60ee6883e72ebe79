"""Where each page is published, below the site's address, and which old addresses are redirected."""

from pathlib import Path

from guide.pages import Page
from guide.project import Project

# The placeholder for the site's address in a page.
PLACEHOLDER = "SITE_URL/"


def address(page: Page) -> str:
    """The address below the site's, such as `ja/glossary/`."""
    path = page.relative.with_suffix("") if page.slug != "index" else page.relative.parent
    return page.language.folder + ("" if path == Path() else f"{path.as_posix()}/")


def short_address(page: Page) -> str:
    """The address that is the same for every language."""
    return f"e/{page.slug}/"


def redirects(project: Project) -> dict[str, str]:
    """The pages that moved, by their old path below the language, each with its new one: both without ending."""
    return dict(line.split() for line in (project.root / "redirects.txt").read_text().splitlines())


def successor(project: Project, slug: str) -> str | None:
    """The page, without ending, to which an entry that once had this slug is redirected."""
    return next((new for old, new in redirects(project).items() if old.endswith(f"/{slug}")), None)
