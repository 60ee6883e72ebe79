"""`make serve` shows both languages on one address and follows what a contributor changes."""

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

from site_builder import copy_sources

PATIENCE = 60
PAGE = "causes/lazy-relationship/"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a copy of the sources in `folder`; yields the address."""
    copy_sources(folder)
    address = f"http://127.0.0.1:{free_port()}/"
    environ = os.environ | {"SITE_URL": address, "SITE_URL_JA": f"{address}ja/", "NO_MKDOCS_2_WARNING": "1"}
    with subprocess.Popen([sys.executable, "serve.py"], cwd=folder, env=environ, stderr=subprocess.DEVNULL) as server:
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
        time.sleep(0.1)
    return page


def test_both_languages_are_served_and_reload_when_a_snippet_or_a_page_changes(tmp_path):
    with serving(tmp_path) as address:
        assert "livereload(" in wait_for('<html lang="en"', address + PAGE)
        assert "livereload(" in wait_for('<html lang="ja"', f"{address}ja/{PAGE}")
        snippet = tmp_path / "snippets/lazy-relationship/before.py"
        snippet.write_text(snippet.read_text().replace("bob", "robert"))
        wait_for("robert", address + PAGE)
        wait_for("robert", f"{address}ja/{PAGE}")
        page = tmp_path / "docs/ja" / f"{PAGE.rstrip('/')}.md"
        page.write_text(page.read_text() + "\n追記\n")
        wait_for("追記", f"{address}ja/{PAGE}")
