"""Seconds to build both languages from nothing, per builder, at today's size and with ten times the pages."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from guide.project import Project
from guide.site.building import ENVIRON, copy_sources

PROJECT = Project(Path(__file__).resolve().parents[1])
BUILDERS = {
    "MkDocs": ("mkdocs", "build", "--quiet", "--config-file"),
    "Zensical": ("zensical", "build", "--clean", "--config-file"),
}


def multiply(project: Project, times: int) -> None:
    """Put every page `times` times into the sources of a project, and all of them into the navigation."""
    for language in project.languages:
        config = project.config(language)
        config.write_text(config.read_text().partition("\nnav:")[0] + "\n")
    for docs in project.docs.iterdir():
        pages = shutil.move(docs, docs.with_name("pages"))
        docs.mkdir()
        for copy in range(times):
            shutil.copytree(pages, docs / f"copy-{copy}")
        shutil.move(docs / "copy-0" / "index.md", docs)
        shutil.rmtree(pages)


def measure(times: int) -> None:
    for builder, command in BUILDERS.items():
        with tempfile.TemporaryDirectory() as name:
            project = copy_sources(PROJECT, Path(name))
            if times > 1:
                multiply(project, times)
            pages = len(list(project.docs.rglob("*.md")))
            started = time.perf_counter()
            for language in project.languages:
                build = [sys.executable, "-m", *command, project.config(language).name]
                subprocess.run(build, cwd=name, env=os.environ | ENVIRON, check=True, stdout=subprocess.DEVNULL)
            seconds = time.perf_counter() - started
        print(f"{builder}: {pages} pages in {seconds:.1f} s, {seconds / pages * 1000:.0f} ms per page")


if __name__ == "__main__":
    for times in (1, 10):
        measure(times)
