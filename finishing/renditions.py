"""The plain Markdown beside each page: includes resolved, tabs as headed text, links in full."""

import os
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from finishing.addresses import PLACEHOLDER, SITE_URL, address, url
from pages import LINK, Page, all_pages
from project import DOCS, LANGUAGES, SNIPPETS
from snippets import SECTION, Snippet

INCLUDE = re.compile(r'^(?P<indent> *)--8<-- "(?P<target>[^"]+)"$', re.MULTILINE)
BLOCK = re.compile(r'^ *(?:===|\?\?\?\+?|!!!)(?: \w+)? "(?P<label>.*)"$')
FENCE = re.compile(r'^(?P<ticks> *```+)(?P<language>\w*)(?:.*?title="(?P<title>[^"]*)")?.*$')
ATTRIBUTES = re.compile(r" ?\{[ :]*(?:[#.]|\w+=)[^}]*\}$")
TAG = re.compile(r"</?(?:a|span)\b[^>]*>")
STEP = 4


def write(site: Path) -> None:
    for page in (page for language in LANGUAGES for page in all_pages(language)):
        (site / address(page) / "index.md").write_text(rendition(page))


def rendition(page: Page) -> str:
    included = INCLUDE.sub(_included, page.body.strip()).replace(PLACEHOLDER, SITE_URL)
    return "".join(f"{line}\n" for line in _plain(page, _without_blocks(included.splitlines())))


def _included(include: re.Match) -> str:
    file, _, section = include["target"].partition(":")
    lines = (SNIPPETS / file).read_text().splitlines()
    if section:
        lines = [lines[number - 1] for number in Snippet(SNIPPETS / file).section]
    text = "\n".join(line for line in lines if not SECTION.match(line))
    return textwrap.indent(textwrap.dedent(text) if section else text, include["indent"])


def _without_blocks(lines: list[str]) -> Iterator[str]:
    """Each tab and each folded note as its label in bold, then its content, no longer indented."""
    blocks: list[int] = []
    for line in lines:
        indent = len(line) - len(line.lstrip())
        while line and blocks and indent < blocks[-1] + STEP:
            blocks.pop()
        if block := BLOCK.match(line):
            blocks.append(indent)
            yield f"**{block['label']}**"
        else:
            yield line[len(blocks) * STEP :]


def _plain(page: Page, lines: Iterator[str]) -> Iterator[str]:
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
        elif not line.startswith("<"):
            text = TAG.sub("", ATTRIBUTES.sub("", line))
            yield LINK.sub(lambda link: f"]({_absolute(page, link['target'])})", text)


def _absolute(page: Page, target: str) -> str:
    """A link of a source file as an address."""
    if re.match(r"https?://", target):
        return target
    file, hash, anchor = target.partition("#")
    path = Path(os.path.normpath(page.path.parent / file)) if file else page.path
    if path.suffix == ".md":
        return url(Page(path)) + hash + anchor
    return (
        SITE_URL + address(Page(DOCS / page.language / "index.md")) + path.relative_to(DOCS / page.language).as_posix()
    )
