"""Runs snippets in the environment of one SQLAlchemy series, each in its own process."""

import functools
import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType

from guide.project import Project
from guide.snippets import WITHOUT_DRIVERS, WITHOUT_GREENLET

TIMEOUT = 120
FORK_SERVER = Path(__file__).with_name("fork_server.py")
STARTUP = Path(__file__).with_name("startup")
RECORDED = "recorded"
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

    @classmethod
    def from_json(cls, text: str) -> "Run":
        found = json.loads(text)
        found["files_left"], found["threads_left"] = tuple(found["files_left"]), tuple(found["threads_left"])
        return cls(**found)

    def to_json(self) -> str:
        return json.dumps(asdict(self))


class EnvironmentMissing(Exception):
    """An environment below `.series/` is not installed."""


class ImportFailed(Exception):
    """An environment below `.series/` can't import a module that programs expect to be imported."""


def interpreter(project: Project, environment: str) -> Path:
    """The Python of an environment such as `2.1` or `2.1-without-greenlet`.

    Raises EnvironmentMissing, which says what to do.
    """
    folder = project.root / ".series" / environment
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        raise EnvironmentMissing(f"SQLAlchemy {environment} is not installed: run `make test`, which installs it")
    return python


def imported(project: Project, environment: str) -> tuple[str, ...]:
    """The modules that every program of an environment finds imported."""
    rules = project.data["snippets"]
    if environment.endswith(WITHOUT_GREENLET):
        return tuple(rules["imported"])
    if environment.endswith(WITHOUT_DRIVERS):
        return (*rules["imported"], *rules["imported-with-greenlet"])
    packages = {driver.package: driver.database for driver in project.drivers.values()}
    dialects = [f"sqlalchemy.dialects.{database}.{package}" for package, database in packages.items()]
    return (*rules["imported"], *rules["imported-with-greenlet"], *packages, *dialects)


def imports_framework(project: Project, script: Path) -> bool:
    """Whether a program imports a package that takes longer to import than to use."""
    packages = "|".join(module.partition(".")[0] for module in project.data["snippets"]["frameworks"])
    return re.search(rf"^\s*(?:from|import) (?:{packages})\b", script.read_text(), re.MULTILINE) is not None


@functools.cache
def versions(project: Project, series: str, package: str | None) -> dict[str, str]:
    """The versions of SQLAlchemy, a driver's package, Python and SQLite that snippets are run with on a series."""
    code = (
        "import json, platform, sqlite3, sys\n"
        "from importlib.metadata import version\n"
        "own = {'Python': platform.python_version(), 'SQLite': sqlite3.sqlite_version}\n"
        "print(json.dumps(own | {package: version(package) for package in sys.argv[1:]}))"
    )
    packages = ("SQLAlchemy", package) if package else ("SQLAlchemy",)
    python = interpreter(project, series)
    found = json.loads(subprocess.check_output([python, "-c", code, *packages], env=_environ()))
    return {f"{name} {series}" if name == "SQLAlchemy" else name: version for name, version in found.items()}


def _environ() -> dict[str, str]:
    return {key: os.environ[key] for key in PASSED_ON if key in os.environ}


class ForkServer:
    """A process of one environment that has imported `modules`, and forks one that runs a program for each request.

    Raises ImportFailed, which says what to do.
    """

    def __init__(self, project: Project, environment: str, modules: tuple[str, ...]):
        self._process = subprocess.Popen(
            [interpreter(project, environment), FORK_SERVER, *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=_environ(),
        )
        assert self._process.stdin
        assert self._process.stdout
        self._requests, self._answers = self._process.stdin, self._process.stdout
        if problem := self._answers.readline().strip():
            self.close()
            again = f"run `make test` again after deleting .series/{environment}"
            raise ImportFailed(f"SQLAlchemy {environment}: {problem}; {again}")

    def status(self, request: dict) -> int:
        """The exit status of the program that `request` names."""
        print(json.dumps(request), file=self._requests, flush=True)
        return int(self._answers.readline())

    def close(self) -> None:
        self._requests.close()
        self._answers.close()
        self._process.wait()


class Forker:
    """Forks runs from a process that has imported SQLAlchemy, or from a second that has imported frameworks as well."""

    def __init__(self, project: Project, environment: str):
        self._project, self._environment = project, environment
        self._modules = imported(project, environment)
        self._servers = {self._modules: ForkServer(project, environment, self._modules)}

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
            status = self._server_for(script).status(request)
            left = _left(script, there) | set(os.listdir(paths["folder"]))
            return Run(
                status,
                Path(paths["stdout"]).read_text(),
                Path(paths["stderr"]).read_text(),
                files_left=tuple(sorted(left)),
                threads_left=tuple(Path(paths["threads"]).read_text().split("\n")[:-1]),
                timed_out=status == -signal.SIGALRM,
            )

    def _server_for(self, script: Path) -> ForkServer:
        modules = self._modules_for(script)
        if modules not in self._servers:
            self._servers[modules] = ForkServer(self._project, self._environment, modules)
        return self._servers[modules]

    def _modules_for(self, script: Path) -> tuple[str, ...]:
        """What a program finds imported: nothing if it shows an import, and frameworks too if it imports one."""
        rules = self._project.data["snippets"]
        if any(script.match(pattern) for pattern in rules["without-imports"]):
            return ()
        frameworks = rules["frameworks"] if imports_framework(self._project, script) else ()
        return (*self._modules, *frameworks)

    def close(self) -> None:
        for server in self._servers.values():
            server.close()


def _left(script: Path, there: set[str]) -> set[str]:
    """What is new beside a program, except the recordings, which another process may be writing."""
    return set(os.listdir(script.parent)) - there - {RECORDED}


class Subprocesses:
    """Runs each program with `python` itself, if there is no fork; about 330 ms a run."""

    def __init__(self, project: Project, environment: str):
        self._python = interpreter(project, environment)

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
                    env={
                        **_environ(),
                        "TMPDIR": folder,
                        "PYTHONDONTWRITEBYTECODE": "1",
                        "PYTHONPATH": str(STARTUP),
                        **environ,
                    },
                )
            except subprocess.TimeoutExpired:
                return Run(status=-1, stdout="", stderr="", timed_out=True)
            left = _left(script, there) | set(os.listdir(folder))
            return Run(done.returncode, done.stdout, done.stderr, files_left=tuple(sorted(left)))

    def close(self) -> None:
        pass


Runner = Forker if hasattr(os, "fork") else Subprocesses
