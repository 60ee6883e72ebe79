"""Building all languages with either builder, and completing what they built."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from guide.project import Project
from guide.site import blanks, command_line, forwarding, machines, policy, programs, renditions
from guide.site.folder import Site

SOURCES = ("mkdocs*.yml", "guide.toml", "docs", "overrides", "redirects.txt", "snippets")
ENVIRON = {"NO_MKDOCS_2_WARNING": "1"}


class BuildFailed(Exception):
    """A builder failed; the message is its whole output."""


def build(site: Site) -> None:
    """Build all languages with MkDocs, at the same time, and complete the site.

    Raises BuildFailed if a language can't be built; the folder is then as it was.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folders = {language: Path(scratch, language.code) for language in site.project.languages}
        _wait_for(
            _started(site, "mkdocs", "build", "--quiet", "--strict", "-f", site.project.config(language), "-d", folder)
            for language, folder in folders.items()
        )
        shutil.rmtree(site.folder, ignore_errors=True)
        for language, folder in folders.items():
            shutil.copytree(folder, site.folder / language.folder, dirs_exist_ok=True)
    complete(site)


def build_with_zensical(site: Site) -> None:
    """Build all languages with Zensical, which puts them where their configurations say, and complete the site."""
    for language in site.project.languages:
        config = site.project.config(language)
        _wait_for([_started(site, "zensical", "build", "--clean", "--strict", "--config-file", config)])
    complete(site)


def complete(site: Site) -> None:
    """Add to a built site what neither pages nor templates can, after any builder and as often as you like."""
    add_files(site)
    blanks.write(site)
    policy.write(site)


def add_files(site: Site) -> None:
    """Add all but the policy, which forbids the script that `make serve` puts into each page to reload it."""
    for part in (forwarding, machines, programs, command_line, renditions):
        part.write(site)


def copy_sources(project: Project, folder: Path) -> Project:
    """Copy all that the site is built from into `folder`; return the project there."""
    for source in (source for pattern in SOURCES for source in project.root.glob(pattern)):
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, folder / source.name)
    return Project(folder)


def _started(site: Site, *command: str | Path) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=site.project.root,
        env=os.environ | ENVIRON | site.environ(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _wait_for(processes: Iterable[subprocess.Popen]) -> None:
    """Wait until all have ended. Raises BuildFailed if one failed."""
    ended = [(process.communicate()[0], process) for process in list(processes)]
    for said, process in ended:
        if process.returncode != 0:
            raise BuildFailed(f"the site can't be built:\n{said}")
