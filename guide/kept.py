"""The outcomes of runs, kept on this machine: what nothing has changed for need not be run again.

An outcome is known by everything that it depends on: the program and what it runs, the packages, the interpreter, the
driver with its server, and the code that runs it. It is kept once every assertion about it held, and those are made
again each time.
"""

import functools
import hashlib
import json
import os
import platform
from pathlib import Path

from guide.project import Project
from guide.runs import FORK_SERVER, Run, interpreter
from guide.snippets import Snippet

HARNESS = (FORK_SERVER, *(FORK_SERVER.with_name(name) for name in ("runs.py", "servers.py")))


class KeptRuns:
    """Runs by all that they depend on, below `.cache/runs`; in CI nothing is reused."""

    def __init__(self, project: Project):
        self._project = project
        self._folder = project.root / ".cache" / "runs"
        self._reuses = not os.environ.get("CI")

    def key(self, snippet: Snippet, environment: str, driver: str, server: str) -> str:
        """The name of a run: `server` is what its database says of its version, empty if it has none."""
        parts = (_environment(self._project, environment), _folder(snippet.path.parent))
        run = f"{snippet.path} {driver} {server}".encode()
        return hashlib.sha256(b"\n".join((*parts, run))).hexdigest()

    def get(self, key: str) -> Run | None:
        """The run with this key, if it was kept."""
        path = self._folder / key
        return Run.from_json(path.read_text()) if self._reuses and path.exists() else None

    def keep(self, key: str, run: Run) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        new = self._folder / f"{key}.{os.getpid()}"
        new.write_text(run.to_json())
        new.replace(self._folder / key)


@functools.cache
def _folder(folder: Path) -> bytes:
    """The snippets of a folder and what they run, but for what a run wrote."""
    files = (path for path in sorted(folder.rglob("*")) if not {"recorded", "__pycache__"} & set(path.parts))
    return b"".join(f"{path}\n".encode() + path.read_bytes() for path in files if path.is_file())


@functools.cache
def _environment(project: Project, environment: str) -> bytes:
    """What all runs in an environment depend on."""
    python = interpreter(project, environment)
    packages = sorted(path.name for path in python.parents[1].glob("lib/*/site-packages/*.dist-info"))
    harness = b"".join(path.read_bytes() for path in HARNESS)
    machine = f"{python.resolve()} {platform.python_version()} {platform.platform()} {' '.join(packages)}\n"
    return machine.encode() + json.dumps(project.data["snippets"]).encode() + harness
