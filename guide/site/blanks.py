"""Each page without what takes time on the way and is seen by nobody: blank lines, marks that no style has, escapes."""

import re

from guide.site.folder import Site

# With a group for its element's name.
KEPT = re.compile(r"(<(pre|code|textarea|script|style)\b.*?</\2>)", re.DOTALL)
BLANKS = re.compile(r"\s*\n\s*")
# Plain names and blanks in code.
UNSTYLED = re.compile(r'<span class="[nw]">([^<]*)</span>')
# Japanese, three bytes instead of six; not what JSON within a page has to escape.
ESCAPED = re.compile(r"\\u([3-9][0-9a-f]{3})")
JSON = re.compile(r'<script[^>]* type="application/[^"]*json">')


def write(site: Site) -> None:
    for path in site.folder.rglob("*.html"):
        path.write_text(without(path.read_text()))


def without(html: str) -> str:
    """What is the same page to whoever reads it."""
    parts = KEPT.split(html)
    parts[::3] = [BLANKS.sub("\n", text) for text in parts[::3]]
    parts[1::3] = [_kept(element) for element in parts[1::3]]
    parts[2::3] = [""] * len(parts[2::3])
    return "".join(parts).lstrip()


def _kept(element: str) -> str:
    if JSON.match(element):
        return ESCAPED.sub(lambda found: chr(int(found[1], 16)), element)
    return element if element.startswith("<s") else UNSTYLED.sub(r"\1", element)
