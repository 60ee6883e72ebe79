"""Seconds to build both languages from nothing, per builder, at today's size and with ten times the pages."""

import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from project import CONFIGS
from site_builder import copy_sources, run

BUILDERS = {
    "MkDocs": ("mkdocs", "build", "--quiet", "--config-file"),
    "Zensical": ("zensical", "build", "--clean", "--config-file"),
}


def multiply(folder: Path, times: int) -> None:
    """Put every page `times` times into the sources in `folder`, and all of them into the navigation."""
    for config in CONFIGS.values():
        text = (folder / config).read_text()
        (folder / config).write_text(text.partition("\nnav:")[0] + "\n")
    for docs in (folder / "docs").iterdir():
        pages = shutil.move(docs, docs.with_name("pages"))
        docs.mkdir()
        for copy in range(times):
            shutil.copytree(pages, docs / f"copy-{copy}")
        shutil.move(docs / "copy-0" / "index.md", docs)
        shutil.rmtree(pages)


def measure(times: int) -> None:
    for builder, command in BUILDERS.items():
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            copy_sources(folder)
            if times > 1:
                multiply(folder, times)
            pages = len(list((folder / "docs").rglob("*.md")))
            started = time.perf_counter()
            for config in CONFIGS.values():
                run(*command, config, cwd=folder)
            seconds = time.perf_counter() - started
        print(f"{builder}: {pages} pages in {seconds:.1f} s, {seconds / pages * 1000:.0f} ms per page")


for times in (1, 10):
    measure(times)
