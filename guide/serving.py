"""Serves all languages on one address, and rebuilds what a change touches."""

import logging
import os
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.livereload import LiveReloadServer
from pymdownx.snippets import SnippetMissingError

from guide.addresses import address
from guide.pages import Page, all_pages
from guide.project import Language, Project
from guide.site import programs, renditions
from guide.site.building import add_files
from guide.site.folder import Site

# A change of anything else is a change of the pages that show it.
EVERYWHERE = ("mkdocs*.yml", "guide.toml", "overrides/**/*")
WATCHED = ("docs", "snippets", "overrides", "guide.toml", "mkdocs.base.yml")


def serve(site: Site) -> None:
    """Serve the site's project at the site's address until Ctrl-C; its folder stays as it is."""
    parts = urlsplit(site.url)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with tempfile.TemporaryDirectory() as folder:
        builder = Builder(replace(site, folder=Path(folder)))
        builder.build()
        server = LiveReloadServer(
            builder.build,
            str(parts.hostname),
            parts.port or 80,
            root=folder,
            mount_path=parts.path,
            polling_interval=0.2,
        )
        configs = [site.project.config(language).name for language in site.project.languages]
        for path in (*configs, *WATCHED):
            server.watch(str(site.project.root / path))
        try:
            server.serve()
        except KeyboardInterrupt:
            server.shutdown()


class Builder:
    """Builds a site again and again: at first all of it, then what a changed file shows in."""

    def __init__(self, site: Site):
        self._site = site
        self._seen: dict[Path, int] = {}
        self._included: dict[Path, list[Path]] = {}
        os.environ.update(site.environ())

    def build(self) -> None:
        """Build what has changed since the last time; all, if that can be seen everywhere."""
        project = self._site.project
        seen = self._mtimes()
        changed = {path for path, _ in seen.items() ^ self._seen.items()}
        first, self._seen = not self._seen, seen
        if first or changed & set(_files(project.root, EVERYWHERE)):
            self._build_all()
        else:
            for language in project.languages:
                if pages := [page for page in all_pages(project, language) if self._shows(page, changed)]:
                    self._build_some(language, pages)

    def _mtimes(self) -> dict[Path, int]:
        files = _files(self._site.project.root, (*EVERYWHERE, "docs/**/*", "snippets/**/*"))
        return {path: path.stat().st_mtime_ns for path in files}

    def _shows(self, page: Page, changed: set[Path]) -> bool:
        """Whether one of the changed files ends up in a page."""
        if page.path in changed or page.path not in self._included:
            self._included[page.path] = _included(page)
        return page.path in changed or not changed.isdisjoint(self._included[page.path])

    def _build_all(self) -> None:
        self._site = replace(self._site, project=Project(self._site.project.root))
        self._included.clear()
        for language in self._site.project.languages:
            self._run(language, dirty=False)
            for page in all_pages(self._site.project, language):
                self._shows(page, set())
        add_files(self._site)

    def _build_some(self, language: Language, pages: list[Page]) -> None:
        """Build these pages: MkDocs rebuilds pages without a file, and then has only those in its search data."""
        for page in pages:
            (self._site.folder / address(page) / "index.html").unlink(missing_ok=True)
        search = self._site.folder / language.folder / "search"
        known = {file: file.read_bytes() for file in search.glob("*.json")}
        self._run(language, dirty=True)
        for file, content in known.items():
            file.write_bytes(content)
        renditions.write(self._site, pages)
        programs.write(self._site)

    def _run(self, language: Language, dirty: bool) -> None:
        folder = self._site.folder / language.folder
        config = load_config(str(self._site.project.config(language)), site_dir=str(folder))
        build(config, dirty=dirty)


def _files(root: Path, patterns: Iterable[str]) -> list[Path]:
    return [path for pattern in patterns for path in root.glob(pattern) if path.is_file()]


def _included(page: Page) -> list[Path]:
    """The files that end up in a page; none if one of them is missing, which the build reports."""
    try:
        return page.included
    except SnippetMissingError:
        return []
