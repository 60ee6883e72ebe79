"""Gives an entry another slug wherever it is named, and leaves a redirect at its old address in each language."""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "tests"))

from finishing.addresses import REDIRECTS, redirects, successor
from matrix import record, recorded_outcomes
from pages import Page, all_pages
from project import DOCS, LANGUAGES, ROOT, SNIPPETS, name

NAMING = ("docs/**/*.md", "mkdocs*.yml", "tests/*.py", "benchmarks/*.py", "README*.md", ".github/**/*.yml")
# With a hyphen, because a single word is not always the slug.
SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")
TRANSLATES = re.compile(r"^translates: .*$", re.MULTILINE)


def main(old: str, new: str) -> None:
    """Rename the entry `old` to `new`, or exit with one line that says why not."""
    folder = check(old, new).relative.parts[0]
    re_read = {page.relative for page in all_pages("ja") if str(page.meta["translates"]) == page.in_language("en").hash}
    (SNIPPETS / old).rename(SNIPPETS / new)
    for language in LANGUAGES:
        page = (DOCS / language / folder / f"{old}.md").rename(DOCS / language / folder / f"{new}.md")
        page.write_text(page.read_text().replace(f"{{ #{old} }}", f"{{ #{new} }}", 1))
    for path in (path for pattern in NAMING for path in ROOT.glob(pattern)):
        path.write_text(renamed(path.read_text(), old, new))
    # Only the name of a page changed: whoever had compared both languages need not do so again.
    for page in (Page(DOCS / "ja" / renamed(str(relative), old, new)) for relative in re_read):
        page.path.write_text(TRANSLATES.sub(f"translates: {page.in_language('en').hash}", page.path.read_text(), 1))
    record({case._replace(slug=new): outcome for case, outcome in recorded_outcomes().items() if case.slug == old}, {})
    leave_redirect(f"{folder}/{old}", f"{folder}/{new}")


def check(old: str, new: str) -> Page:
    """The page of the entry `old`."""
    page = next((page for page in all_pages("en") if page.is_entry and page.slug == old), None)
    if page is None:
        sys.exit(f"make rename: from={old} is no entry: choose a folder of snippets/ with a page")
    for key, value in (("from", old), ("to", new)):
        if not SLUG.fullmatch(value):
            sys.exit(f"make rename: {key}={value} is not kebab-case: lower-case ASCII words joined by hyphens")
    there = [SNIPPETS / new, *DOCS.rglob(f"{new}.md")]
    if taken := next((path for path in there if path.exists()), None):
        sys.exit(f"make rename: to={new} is taken by {name(taken)}: choose another")
    if (moved := successor(new)) and not moved.endswith(f"/{old}"):
        sys.exit(f"make rename: to={new} leads to {moved}, by redirects.txt: choose another")
    return page


def renamed(text: str, old: str, new: str) -> str:
    """Text with `new` for each `old` that is a whole name, and neither an anchor nor in the address of another site."""
    names = re.compile(rf"https?://\S+|(?<![\w#-]){old}(?![\w-])")
    return names.sub(lambda found: new if found[0] == old else found[0], text)


def leave_redirect(old: str, new: str) -> None:
    """Let `old`, and all that led to it, lead to `new`; what was renamed back leads nowhere else any more."""
    leading = {source: new if target == old else target for source, target in redirects().items()} | {old: new}
    lines = (f"{source} {target}\n" for source, target in sorted(leading.items()) if source != new)
    REDIRECTS.write_text("".join(lines))


main(*sys.argv[1:])
