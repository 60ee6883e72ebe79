"""Begins an entry: its snippets, its pages, its lines in the navigation and in guide.toml.

In each of these files, `TODO:` marks what is left to write, and the checks fail until you have written it.
"""

from pathlib import Path
from string import Template

from guide.files import replace
from guide.project import Project
from guide.slugs import Refused, check_free, check_kebab_case
from guide.snippets import FACTS

NEXT = """
Next:
  1. {before}: make it fail, and end the line that fails with `# raises ClassName`.
  2. {after}: copy the first file, remove the mark, change only what fixes the error, and print what the program reads.
  3. {facts}: prove what the page says beyond its example, with one function for each sentence.
  4. make record slug={slug}: tells you what is missing, and then writes the output and the diffs.
  5. make matrix slug={slug}: runs the programs with every driver, and writes the tables of the pages.
  6. make test slug={slug}: tells you line by line what is missing in the pages.
  7. make published: lists the new addresses, which have to stay from then on.
  8. make test
The page `contributing` explains each step."""


def begin(project: Project, slug: str, folder: str, fix: str) -> str:
    """Write everything for the entry `slug` with one fix; return what to do next.

    Raises Refused, which says why in one line, or OSError; nothing was written then.
    """
    check_kebab_case("slug", slug)
    check_kebab_case("fix", fix)
    if folder not in project.entry_folders:
        raise Refused(f"folder={folder} does not exist: choose {' or '.join(project.entry_folders)}")
    check_free(project, "slug", slug)
    texts = begun(project, slug, folder, f"after-{fix}")
    replace(texts)
    files = {"before": "before.py", "after": f"after-{fix}.py", "facts": FACTS}
    places = {name: f"snippets/{slug}/{file}" for name, file in files.items()}
    return "\n".join(map(project.name, texts)) + "\n" + NEXT.format(slug=slug, **places)


def begun(project: Project, slug: str, folder: str, after: str) -> dict[Path, str]:
    """All files of a new entry, and those that get a line, with their texts."""
    templates, page = project.root / "templates", f"{folder}/{slug}.md"
    program, data = (templates / "before.py").read_text(), project.root / "guide.toml"
    texts = {project.snippets / slug / f"{stem}.py": program for stem in ("before", after)}
    texts[project.snippets / slug / FACTS] = (templates / FACTS).read_text()
    texts[data] = _with_order(data.read_text(), slug)
    for language in project.languages:
        new, nav = (
            Template((templates / file).read_text()).substitute(slug=slug, after=after, address=page).rstrip("\n")
            for file in (f"page.{language}.md", f"nav.{language}.yml")
        )
        config = project.config(language)
        texts[project.docs / language.code / page] = f"{new}\n"
        texts[config] = _with_nav(config.read_text(), folder, nav)
    return texts


def _with_order(data: str, slug: str) -> str:
    """The text of guide.toml with one more slug at the end of the order of entries."""
    lines = data.splitlines()
    start = lines.index("order = [")
    return _inserted(lines, lines.index("]", start), f'  "{slug}",')


def _with_nav(config: str, folder: str, line: str) -> str:
    """A configuration with one more line below the last page of `folder` in its navigation."""
    lines = config.splitlines()
    last = max(number for number, line in enumerate(lines) if f": {folder}/" in line)
    return _inserted(lines, last + 1, lines[last].partition("-")[0] + line)


def _inserted(lines: list[str], number: int, line: str) -> str:
    return "\n".join([*lines[:number], line, *lines[number:], ""])
