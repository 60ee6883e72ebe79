"""Gives an entry another slug wherever it is named, and leaves a redirect at its old address in each language."""

import re
import shutil
import tempfile
from pathlib import Path

from guide import matrix
from guide.addresses import redirects
from guide.files import replace
from guide.generated import record
from guide.pages import Page, all_pages, entry_pages
from guide.project import Project
from guide.slugs import Refused, check_free, check_kebab_case

# All that may name a slug.
NAMING = (
    "docs/**/*.md", "guide.toml", "mkdocs*.yml", "redirects.txt", "threads.csv", "snippets/**/*", "templates/*",
    "tests/**/*.py", "benchmarks/*.py", "README*.md", ".github/**/*.yml", "overrides/assets/paste-index.json",
)  # fmt: skip
TRANSLATES = re.compile(r"^translates: .*$", re.MULTILINE)
# The address of another site.
AFAR = r"https?://\S+"


def rename(project: Project, old: str, new: str) -> None:
    """Rename the entry `old` to `new`.

    Raises Refused, which says why in one line, or OSError; nothing was changed then.
    """
    page = _entry(project, old)
    check_kebab_case("to", new)
    check_free(project, "to", new, former=old)
    with tempfile.TemporaryDirectory() as scratch:
        copied = _copied(project, Path(scratch))
        _rename(copied, f"{page.relative.parent.as_posix()}/{old}", f"{page.relative.parent.as_posix()}/{new}")
        replace(_differences(project, copied))
    # What is left there now are caches.
    shutil.rmtree(project.snippets / old, ignore_errors=True)


def _entry(project: Project, slug: str) -> Page:
    check_kebab_case("from", slug)
    page = next((page for page in entry_pages(project) if page.slug == slug), None)
    if page is None:
        raise Refused(f"from={slug} isn't an entry: choose a folder in snippets/ with a page")
    return page


def _texts(project: Project) -> dict[Path, Path]:
    """The files that may name a slug, by their path below the project: none of a cache."""
    files = (path for pattern in NAMING for path in project.root.glob(pattern) if path.is_file())
    by_path = {path.relative_to(project.root): path for path in files}
    return {
        relative: path
        for relative, path in by_path.items()
        if not any(part.startswith((".", "__pycache__")) for part in relative.parts[1:])
    }


def _copied(project: Project, folder: Path) -> Project:
    for relative, path in _texts(project).items():
        (folder / relative).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / relative)
    return Project(folder)


def _rename(project: Project, old: str, new: str) -> None:
    """Rename the page `old`, such as `causes/late`, its snippets, and all that names them."""
    old_slug, new_slug = Path(old).name, Path(new).name
    translations = [page for language in project.translations for page in all_pages(project, language)]
    re_read = {page for page in translations if page.translates == page.original.hash}
    for path in _texts(project).values():
        if path.suffix != ".json" and (text := path.read_text()) != (changed := renamed(text, old_slug, new_slug)):
            path.write_text(changed)
    (project.snippets / old_slug).rename(project.snippets / new_slug)
    for language in project.languages:
        path = (project.docs / language.code / f"{old}.md").rename(project.docs / language.code / f"{new}.md")
        path.write_text(path.read_text().replace(f"{{ #{old_slug} }}", f"{{ #{new_slug} }}", 1))
    # Only the name of a page changed, so nobody has to compare both languages again.
    for compared in (Page(project, Path(str(page.path).replace(f"{old}.md", f"{new}.md"))) for page in re_read):
        text = TRANSLATES.sub(f"translates: {compared.original.hash}", compared.path.read_text(), 1)
        compared.path.write_text(text)
    outcomes = matrix.recorded_outcomes(project)
    record(project, {case._replace(slug=new_slug): outcomes[case] for case in outcomes if case.slug == old_slug}, {})
    _leave_redirect(project, old, new)


def renamed(text: str, old: str, new: str) -> str:
    """Text with `new` for each `old` that names the entry.

    A single word does so in a path or a string alone; a name of several words anywhere, but as an anchor or in the
    address of another site.
    """
    named = (
        rf"(?<![\w#-]){old}(?![\w-])"
        if "-" in old
        else rf'(?<=/){old}(?![\w-])|(?<![\w#-]){old}(?=\.md\b|/)|(?<="){old}(?=")'
    )
    return re.sub(f"{AFAR}|{named}", lambda found: new if found[0] == old else found[0], text)


def _leave_redirect(project: Project, old: str, new: str) -> None:
    """Let `old`, and all that led to it, lead to `new`; what was renamed back leads nowhere else any more."""
    leading = {source: new if target == old else target for source, target in redirects(project).items()} | {old: new}
    lines = (f"{source} {target}\n" for source, target in sorted(leading.items()) if source != new)
    (project.root / "redirects.txt").write_text("".join(lines))


def _differences(project: Project, changed: Project) -> dict[Path, str | None]:
    """The files of a project that another one has otherwise, with its text; None for those that it lacks."""
    ours, theirs = _texts(project), _texts(changed)
    gone: dict[Path, str | None] = {path: None for relative, path in ours.items() if relative not in theirs}
    texts = {project.root / relative: path.read_text() for relative, path in theirs.items()}
    return gone | {path: text for path, text in texts.items() if not path.exists() or path.read_text() != text}
