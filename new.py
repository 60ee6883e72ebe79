"""Begins an entry: its snippets, its pages, its lines in the navigation and on the home pages.

What is left to write stands after `TODO:` in each of these files, and the checks fail until it is written.
"""

import re
import sys
from pathlib import Path
from string import Template

sys.path.insert(0, str(Path(__file__).parent / "tests"))

from finishing.addresses import successor
from project import CONFIGS, DOCS, ENTRY_FOLDERS, LANGUAGES, ROOT, SNIPPETS, name

TEMPLATES = ROOT / "templates"
KEBAB_CASE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# The tables of the home page by their heading's id.
TABLES = {"causes": "rarer", "lookalikes": "lookalikes"}
NAV = {
    "en": "TODO: a title of a few words; move the line to the group where it belongs, as in the other language",
    "ja": "TODO：数語の題名を書き、英語と同じグループに移します。",
}
ROW = {
    "en": "| TODO: what the reader sees | [TODO: why, in a few words]($address) |",
    "ja": "| TODO：症状を書きます。 | [TODO：原因を数語で書きます。]($address) |",
}
NEXT = """
Next:
  1. {before}: make it fail, and end the line that fails with `# raises ClassName`.
  2. {after}: copy it, remove the mark, change only what mends it, and print what was read.
  3. .venv/bin/pytest tests/test_snippets.py -k /{slug}/: says what is missing, at last `make record` only.
  4. make record slug={slug}: runs them, and writes what they print, and the diffs.
  5. .venv/bin/pytest tests/test_pages.py: says line by line what is missing in the pages.
  6. make matrix slug={slug}: runs them with every driver, and writes the tables of the pages.
  7. make published: lists the new addresses, which from then on have to stay.
  8. make test
The page `contributing` explains each step."""


def main(slug: str, folder: str, fix: str) -> None:
    """Write everything for the entry `slug` with one fix, or exit with one line that says why not."""
    check(slug, folder, fix)
    after = f"after-{fix}"
    page = f"{folder}/{slug}.md"
    program = (TEMPLATES / "before.py").read_text()
    texts = {SNIPPETS / slug / f"{stem}.py": program for stem in ("before", after)}
    for language in LANGUAGES:
        template = Template((TEMPLATES / f"page.{language}.md").read_text())
        texts[DOCS / language / page] = template.substitute(slug=slug, after=after)
        config, home = ROOT / CONFIGS[language], DOCS / language / "index.md"
        texts[config] = with_nav(config.read_text(), folder, f'"{NAV[language]}": {page}')
        row = Template(ROW[language]).substitute(address=page)
        texts[home] = with_row(home.read_text(), TABLES[folder], row)
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    print(*map(name, texts), sep="\n")
    before, fixed = (f"snippets/{slug}/{stem}.py" for stem in ("before", after))
    print(NEXT.format(before=before, after=fixed, slug=slug))


def check(slug: str, folder: str, fix: str) -> None:
    if not slug:
        sys.exit("make new: slug is missing: make new slug=… fix=…")
    for key, value in (("slug", slug), ("fix", fix)):
        if not KEBAB_CASE.fullmatch(value):
            sys.exit(f"make new: {key}={value} is not kebab-case: lower-case ASCII words joined by hyphens")
    if folder not in ENTRY_FOLDERS:
        sys.exit(f"make new: folder={folder} does not exist: choose {' or '.join(ENTRY_FOLDERS)}")
    there = [SNIPPETS / slug, *DOCS.rglob(f"{slug}.md")]
    if taken := next((path for path in there if path.exists()), None):
        sys.exit(f"make new: slug={slug} is taken by {name(taken)}: choose another")
    if moved := successor(slug):
        sys.exit(f"make new: slug={slug} leads to {moved}, by redirects.txt: choose another")


def with_nav(config: str, folder: str, item: str) -> str:
    """A configuration with one more item below the last page of `folder` in its navigation."""
    lines = config.splitlines()
    last = max(number for number, line in enumerate(lines) if f": {folder}/" in line)
    return inserted(lines, last + 1, f"{lines[last].partition('-')[0]}- {item}")


def with_row(home: str, table: str, row: str) -> str:
    """A home page with one more row at the end of the table below the heading with the id `table`."""
    lines = home.splitlines()
    heading = next(number for number, line in enumerate(lines) if line.endswith(f"{{ #{table} }}"))
    rows = next(number for number in range(heading, len(lines)) if lines[number].startswith("|"))
    end = next((number for number in range(rows, len(lines)) if not lines[number].startswith("|")), len(lines))
    return inserted(lines, end, row)


def inserted(lines: list[str], number: int, line: str) -> str:
    return "\n".join([*lines[:number], line, *lines[number:], ""])


main(*sys.argv[1:])
