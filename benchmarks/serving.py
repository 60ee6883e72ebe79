"""Seconds until `make serve` shows a changed word of a page, and of a snippet."""

import tempfile
import time
from pathlib import Path

from guide.project import Project
from tests.site.test_serve import PAGE, serving, wait_for

PROJECT = Project(Path(__file__).resolve().parents[1])
CHANGES = {"a page": f"docs/en/{PAGE.rstrip('/')}.md", "a snippet": "snippets/lazy-relationship/before.py"}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, serving(PROJECT, Path(folder)) as address:
        wait_for("<html", address + PAGE)
        for what, file in CHANGES.items():
            path, word = Path(folder, file), f"changed-{what.replace(' ', '-')}"
            started = time.perf_counter()
            path.write_text(path.read_text().replace("loaded the users", word, 1).replace('"bob"', f'"{word}"'))
            wait_for(word, address + PAGE)
            print(f"make serve shows a change of {what} after {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
