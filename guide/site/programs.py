"""The snippets as files of the site, at `code/<slug>/…`: what a reader runs by its address, and what facts printed."""

import shutil

from guide.site.folder import Site

PATTERNS = ("*/*.py", "*/project/*", "*/recorded/facts.txt")


def write(site: Site) -> None:
    snippets = site.project.snippets
    for path in (path for pattern in PATTERNS for path in snippets.glob(pattern) if path.is_file()):
        copy = site.folder / "code" / path.relative_to(snippets)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
