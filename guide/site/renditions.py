"""The plain Markdown beside each page: includes resolved, tabs as headed text, links in full."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from guide.addresses import PLACEHOLDER, address
from guide.pages import LINK, Page, all_pages
from guide.site.folder import Site

BLOCK = re.compile(r'^ *(?:===|\?\?\?\+?|!!!)(?: \w+)? "(?P<label>.*)"$')
FENCE = re.compile(r'^(?P<ticks> *```+)(?P<language>\w*)(?:.*?title="(?P<title>[^"]*)")?.*$')
ATTRIBUTES = re.compile(r" ?\{[ :]*(?:[#.]|\w+=)[^}]*\}$")
FACT = re.compile(r"\{ #fact-[\w-]+ \.run \}")
TAG = re.compile(r"</?(?:a|span)\b[^>]*>")
ROW = re.compile(r'^(?P<head><thead>)?<tr(?: class="\w+")?><th')
CELL = re.compile(r"<t[hd]\b[^>]*>(.*?)</t[hd]>")
STEP = 4


def write(site: Site, pages: Iterable[Page] = ()) -> None:
    """Write the renditions of these pages, or of all."""
    for page in pages or (page for language in site.project.languages for page in all_pages(site.project, language)):
        (site.folder / address(page) / "index.md").write_text(rendition(site, page))


def rendition(site: Site, page: Page) -> str:
    lines = page.text.replace(PLACEHOLDER, site.url).splitlines()
    return "".join(f"{line}\n" for line in _plain(site, page, _without_blocks(lines)))


def _without_blocks(lines: list[str]) -> Iterator[str]:
    """Each tab and each folded note as its label in bold, then its content, no longer indented."""
    blocks: list[int] = []
    for line in lines:
        indent = len(line) - len(line.lstrip())
        while line.strip() and blocks and indent < blocks[-1] + STEP:
            blocks.pop()
        if block := BLOCK.match(line):
            blocks.append(indent)
            yield f"**{block['label']}**"
        else:
            yield line[len(blocks) * STEP :] if line.strip() else ""


def _plain(site: Site, page: Page, lines: Iterator[str]) -> Iterator[str]:
    """Lines without what only the site's own Markdown knows: attributes, HTML, links relative to the sources."""
    end = None
    for line in lines:
        if end:
            yield line
            end = None if line == end else end
        elif fence := FENCE.match(line):
            end = fence["ticks"]
            if fence["title"]:
                yield f"**{fence['title']}**\n"
            yield f"{fence['ticks']}{fence['language']}"
        elif row := ROW.match(line):
            cells = [TAG.sub("", cell).replace("<br>", "") for cell in CELL.findall(line)]
            yield f"| {' | '.join(cells)} |"
            yield from [f"|{' --- |' * len(cells)}"] * bool(row["head"])
        elif not line.startswith("<"):
            text = TAG.sub("", ATTRIBUTES.sub("", FACT.sub("", line)))
            yield LINK.sub(lambda link: f"]({_absolute(site, page, link['target'])})", text)


def _absolute(site: Site, page: Page, target: str) -> str:
    """A link of a source file as an address."""
    if re.match(r"https?://", target):
        return target
    if target.startswith("code:"):
        return target.replace("code:", f"{site.url}code/")
    file, hash, anchor = target.partition("#")
    path = Path(os.path.normpath(page.path.parent / file)) if file else page.path
    if path.suffix == ".md":
        return site.address(Page(page.project, path)) + hash + anchor
    below = path.relative_to(page.project.docs / page.language.code).as_posix()
    return site.url + page.language.folder + below
