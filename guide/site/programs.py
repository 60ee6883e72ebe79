"""The snippets as files of the site, at `code/<slug>/…`: what a reader runs by its address, and what facts printed."""

import shutil
from pathlib import Path

from guide.addresses import redirects
from guide.site.folder import Site

PATTERNS = ("*/*.py", "*/project/*", "*/recorded/facts.txt")


def write(site: Site) -> None:
    """Write them, those of a renamed entry at its old address too: nothing but a page could lead on from there."""
    snippets = site.project.snippets
    renamed = [(Path(new).name, Path(old).name) for old, new in redirects(site.project).items()]
    for path in (path for pattern in PATTERNS for path in snippets.glob(pattern) if path.is_file()):
        slug, *rest = path.relative_to(snippets).parts
        for folder in (slug, *(old for new, old in renamed if new == slug)):
            copy = site.folder.joinpath("code", folder, *rest)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
