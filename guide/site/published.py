"""What is published: each address and anchor below the site's address, one per line of `published.txt`."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

from guide.project import Project
from guide.site.built import BuiltPage
from guide.site.folder import Site

FILES = ("**/*.md", "code/**/*.*", "entries.json", "llms.txt", "sitemap.xml")


def file(project: Project) -> Path:
    return project.root / "published.txt"


def published(site: Site, pages: list[BuiltPage]) -> set[str]:
    """All that the built site has: pages with their anchors, short links, renditions, other files for machines."""
    files = {path.relative_to(site.folder).as_posix() for pattern in FILES for path in site.folder.glob(pattern)}
    listed = [page for page in pages if page.path.name != "404.html"]
    anchors = {f"{page.address}#{id}" for page in listed for id in page.anchors}
    return {f"/{address}" for address in files | anchors | {page.address for page in listed}}


def recorded(project: Project) -> set[str]:
    return set(file(project).read_text().splitlines()) if file(project).exists() else set()


def gone(lines: set[str], there: set[str], pages: list[BuiltPage]) -> Iterator[str]:
    """What to do about each of the published `lines` that is not `there` and has no redirect to an address that is."""
    leading_on = {f"/{page.address}": _target(page) for page in pages if page.only_leads_on}
    for line in sorted(lines - there):
        address, _, anchor = line.partition("#")
        if target := leading_on.get(address):
            # The id of a title is the slug, and leads to where the page begins anyway.
            if f"{target}#{anchor}" not in there and anchor != address.split("/")[-2]:
                yield f"{line} was published, but {target}, which it leads to, has no such id: {_leave(anchor)} there"
        elif anchor:
            yield f"{line} was published and is gone: put the heading back, or {_leave(anchor)} in its place"
        else:
            yield f"{line} was published and is gone: put it back, or move it with `make rename`"


def _target(page: BuiltPage) -> str:
    return urljoin(f"/{page.address}", page.links[0])


def _leave(anchor: str) -> str:
    return f'leave <span id="{anchor}"></span>'
