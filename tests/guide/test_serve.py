"""`make serve` shows all languages on one address and follows what a contributor changes."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from guide.project import Project

PATIENCE = 60
PAGE = "causes/too-far/"
SERVE = """\
import os
from pathlib import Path
from guide.project import Project
from guide.serving import serve
from guide.site.folder import Site
serve(Site.at(Project(Path.cwd()), Path("site"), os.environ["SITE_URL"]))
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextlib.contextmanager
def serving(project: Project, machinery: Path) -> Iterator[str]:
    """Serve a project with the package in the folder `machinery`; yields the address."""
    address = f"http://127.0.0.1:{free_port()}/"
    environ = os.environ | {"SITE_URL": address, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(machinery)}
    with subprocess.Popen(
        [sys.executable, "-c", SERVE], cwd=project.root, env=environ, stderr=subprocess.DEVNULL
    ) as server:
        try:
            yield address
        finally:
            server.terminate()


def text_at(address: str) -> str:
    with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=PATIENCE) as answer:
        return answer.read().decode()
    return ""


def wait_for(text: str, address: str) -> str:
    """The page at `address` as soon as it contains `text`."""
    deadline = time.monotonic() + PATIENCE
    while text not in (page := text_at(address)):
        if time.monotonic() > deadline:
            pytest.fail(f"{address} did not show `{text}` within {PATIENCE} s")
        time.sleep(0.05)
    return page


def replace(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_all_languages_are_served_and_show_what_changes(project, a_tiny_project):
    root = a_tiny_project.root
    with serving(a_tiny_project, project.root) as address:
        assert "livereload(" in wait_for('<html lang="en"', address + PAGE)
        assert "livereload(" in wait_for('<html lang="ja"', f"{address}ja/{PAGE}")
        home, index = text_at(address), text_at(f"{address}search/search_index.json")
        replace(root / "snippets/too-far/before.py", "print(number)", "print(number + 1)")
        wait_for("number + 1", f"{address}{PAGE}index.md")
        wait_for("number + 1", f"{address}ja/{PAGE}index.md")
        replace(root / "snippets/too-far/recorded/2.1/before.txt", "out of range", "out of reach")
        wait_for("out of reach", address + PAGE)
        replace(root / "docs/ja/causes/too-far.md", "## 範囲外 { #why }", "## 範囲外 { #why }\n\n追記\n")
        wait_for("追記", f"{address}ja/{PAGE}")
        assert text_at(f"{address}search/search_index.json") == index
        assert text_at(address).partition("livereload(")[0] == home.partition("livereload(")[0]
        replace(root / "mkdocs.yml", "Text: CC BY 4.0.", "Text: all of it.")
        wait_for("Text: all of it.", address)
