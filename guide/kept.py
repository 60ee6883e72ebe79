"""The outcomes of runs, kept on this machine, so that a run whose input has not changed is not repeated.

An outcome is known by everything that it depends on: the program and what it runs, the packages, the interpreter, the
driver with its server, and the code that runs it. It is kept once every assertion about it held, and those are made
again each time.
"""

import functools
import hashlib
import os
import platform
from collections.abc import Callable
from pathlib import Path

from guide.project import Project
from guide.runs import FORK_SERVER, interpreter
from guide.snippets import Snippet, project_files

HARNESS = tuple(
    FORK_SERVER.parent / name for name in ("fork_server.py", "startup/sitecustomize.py", "runs.py", "servers.py")
)


class Kept:
    """Texts by all that they depend on, in a folder below `.cache`; in CI nothing is reused."""

    def __init__(self, project: Project, what: str):
        self._folder = project.root / ".cache" / what
        self._reuses = not os.environ.get("CI")

    def get(self, key: str) -> str | None:
        """The text that was kept for a key, if there is one."""
        path = self._folder / key
        return path.read_bytes().decode() if self._reuses and path.exists() else None

    def keep(self, key: str, text: str) -> None:
        """Keep a text; another process that reads meanwhile sees all of it or nothing."""
        self._folder.mkdir(parents=True, exist_ok=True)
        new = self._folder / f"{key}.{os.getpid()}"
        new.write_bytes(text.encode())
        new.replace(self._folder / key)

    def made(self, make: Callable[[], str], *depends_on: str) -> str:
        """What `make` returns, or returned when everything that it depends on was the same."""
        key = digest(*depends_on)
        text = self.get(key)
        if text is None:
            text = make()
            self.keep(key, text)
        return text


def digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def run_key(snippet: Snippet, environment: str, driver: str, server: str) -> str:
    """The name of a run: `server` is the version of its database server, empty if it has none."""
    project, folder = snippet.project, snippet.path.parent
    return digest(environment_digest(project, environment), _folder(folder), f"{snippet.path} {driver} {server}")


@functools.cache
def _folder(folder: Path) -> str:
    """The snippets of a folder and what they run, except what a run wrote."""
    files = (*sorted(path for path in folder.iterdir() if path.is_file()), *project_files(folder))
    return "\n".join(f"{path}\n{path.read_bytes().hex()}" for path in files)


@functools.cache
def environment_digest(project: Project, environment: str) -> str:
    """A name for what all runs in an environment depend on."""
    python = interpreter(project, environment)
    packages = sorted(path.name for path in python.parents[1].glob("lib/*/site-packages/*.dist-info"))
    harness = "".join(path.read_text() for path in HARNESS)
    machine = f"{python.resolve()} {platform.python_version()} {platform.platform()} {' '.join(packages)}"
    return digest(machine, str(project.data["snippets"]), harness)
