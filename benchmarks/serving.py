"""Seconds until `make serve` shows a changed word of a page, and of a snippet."""

import tempfile
import time
from pathlib import Path

from guide.project import Project
from guide.site.building import copy_sources
from tests.guide.test_serve import serving, wait_for

PROJECT = Project(Path(__file__).resolve().parents[1])
PAGE = "causes/lazy-relationship"
CHANGES = {"a page": f"docs/en/{PAGE}.md", "a snippet": "snippets/lazy-relationship/before.py"}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = copy_sources(PROJECT, Path(folder))
        with serving(project, PROJECT.root) as address:
            wait_for("<html", f"{address}{PAGE}/")
            for what, file in CHANGES.items():
                path, word = project.root / file, f"changed-{what.replace(' ', '-')}"
                started = time.perf_counter()
                path.write_text(path.read_text().replace("loaded the users", word, 1).replace('"bob"', f'"{word}"'))
                wait_for(word, f"{address}{PAGE}/")
                print(f"make serve shows a change of {what} after {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
