"""Runs snippets in the environment of one SQLAlchemy series, each in a process of its own."""

import functools
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from project import DRIVERS, ROOT

TIMEOUT = 30
ENVIRONMENTS = ROOT / ".series"
FORK_SERVER = Path(__file__).with_name("fork_server.py")
IMPORTED_WITHOUT_GREENLET = ("asyncio", "sqlalchemy.orm", "aiosqlite")
IMPORTED = (
    *IMPORTED_WITHOUT_GREENLET,
    "sqlalchemy.ext.asyncio",
    *DRIVERS,
    *(f"sqlalchemy.dialects.{database}.{driver}" for driver, database in DRIVERS.items()),
)
NOTHING: Mapping[str, str] = MappingProxyType({})
PASSED_ON = ("PATH", "HOME", "LANG", "SYSTEMROOT")


@dataclass(frozen=True)
class Run:
    """What one run of a program did: exit status as in `subprocess`, output, and what it left behind."""

    status: int
    stdout: str
    stderr: str
    files_left: tuple[str, ...] = ()
    threads_left: tuple[str, ...] = ()
    timed_out: bool = False


class EnvironmentMissing(Exception):
    """An environment below `.series/` is not installed."""


def interpreter(environment: str) -> Path:
    """The Python of an environment such as `2.1` or `2.1-without-greenlet`.

    Raises EnvironmentMissing, which says what to do.
    """
    folder = ENVIRONMENTS / environment
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        raise EnvironmentMissing(f"SQLAlchemy {environment} is not installed: run `make test`, which does it")
    return python


@functools.cache
def versions(series: str, driver: str | None) -> dict[str, str]:
    """The versions of SQLAlchemy, a driver, Python and SQLite that snippets are run with on a series."""
    code = (
        "import json, platform, sqlite3, sys\n"
        "from importlib.metadata import version\n"
        "own = {'Python': platform.python_version(), 'SQLite': sqlite3.sqlite_version}\n"
        "print(json.dumps(own | {package: version(package) for package in sys.argv[1:]}))"
    )
    packages = ("SQLAlchemy", driver) if driver else ("SQLAlchemy",)
    found = json.loads(subprocess.check_output([interpreter(series), "-c", code, *packages], env=_environ()))
    return {f"{name} {series}" if name == "SQLAlchemy" else name: version for name, version in found.items()}


def _environ() -> dict[str, str]:
    return {key: os.environ[key] for key in PASSED_ON if key in os.environ}


class Forker:
    """Forks runs from one process that has imported SQLAlchemy; about 45 ms a run."""

    def __init__(self, environment: str):
        modules = IMPORTED_WITHOUT_GREENLET if environment.endswith("-without-greenlet") else IMPORTED
        self._server = subprocess.Popen(
            [interpreter(environment), FORK_SERVER, *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=_environ(),
        )
        self._server.stdout.readline()

    def run(self, script: Path, environ: Mapping[str, str] = NOTHING, timeout: int = TIMEOUT) -> Run:
        """Run `script` as `python script`, in an empty folder, for at most `timeout` seconds."""
        with tempfile.TemporaryDirectory() as folder:
            paths = {key: os.path.join(folder, key) for key in ("stdout", "stderr", "threads", "folder")}
            os.mkdir(paths["folder"])
            Path(paths["threads"]).touch()
            there = set(os.listdir(script.parent))
            request = {
                "script": str(script),
                "timeout": timeout,
                "environ": {"TMPDIR": paths["folder"], **environ},
                **paths,
            }
            print(json.dumps(request), file=self._server.stdin, flush=True)
            status = int(self._server.stdout.readline())
            left = set(os.listdir(script.parent)) - there | set(os.listdir(paths["folder"]))
            return Run(
                status,
                Path(paths["stdout"]).read_text(),
                Path(paths["stderr"]).read_text(),
                files_left=tuple(sorted(left)),
                threads_left=tuple(Path(paths["threads"]).read_text().split("\n")[:-1]),
                timed_out=status == -signal.SIGALRM,
            )

    def close(self) -> None:
        self._server.stdin.close()
        self._server.stdout.close()
        self._server.wait()


class Subprocesses:
    """Runs each program with `python` itself, where there is no fork; some 330 ms a run."""

    def __init__(self, environment: str):
        self._python = interpreter(environment)

    def run(self, script: Path, environ: Mapping[str, str] = NOTHING, timeout: int = TIMEOUT) -> Run:
        """Run `python script`, in an empty folder, for at most `timeout` seconds."""
        with tempfile.TemporaryDirectory() as folder:
            there = set(os.listdir(script.parent))
            try:
                done = subprocess.run(
                    [self._python, script],
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    timeout=timeout,
                    cwd=folder,
                    env={**_environ(), "TMPDIR": folder, "PYTHONDONTWRITEBYTECODE": "1", **environ},
                )
            except subprocess.TimeoutExpired:
                return Run(status=-1, stdout="", stderr="", timed_out=True)
            left = set(os.listdir(script.parent)) - there | set(os.listdir(folder))
            return Run(done.returncode, done.stdout, done.stderr, files_left=tuple(sorted(left)))

    def close(self) -> None:
        pass


Runner = Forker if hasattr(os, "fork") else Subprocesses
