"""A program that is run in a forked process does what it does when Python itself runs it, to the last line."""

import contextlib
import re
from pathlib import Path

import pytest

from guide.kept import Kept, environment_digest
from guide.runs import ForkServer, ImportFailed, Run, Subprocesses

# They end by an error, with a coroutine that was never awaited, with both, or are forked after a framework's import.
PROOFS = ("lazy-relationship", "fastapi-response", "pydantic-from-attributes", "alembic-env")
ENDING = """\
import atexit, os, signal, sys, threading
class Last:
    def __del__(self):
        print("destroyed", sys.is_finalizing())
last = Last()
last.cycle = last
async def never_awaited():
    pass
coroutine = never_awaited()
atexit.register(print, "at exit")
def fail():
    raise ValueError("at exit")
atexit.register(fail)
"""
ENDINGS = (
    "print('output', end='')",
    "raise LookupError(last)",
    "sys.exit()",
    "sys.exit(-3)",
    "sys.exit(('more', 'than a number'))",
    "raise KeyboardInterrupt",
    "os._exit(4)",
    "os.kill(os.getpid(), signal.SIGTERM)",
    "threading.Timer(0.1, print, ['thread']).start()",
    "threading.Thread(target=threading.Event().wait, daemon=True).start()",
    "sys.excepthook = lambda kind, error, frames: print(kind, frames.tb_frame.f_code.co_name); 1 / 0",
    "sys.stdout.close()",
    "not Python",
)


def without_addresses(run: Run) -> tuple[int, str, str]:
    """What a run did, without the addresses of objects and the folder of the program."""
    varying = r"0x[0-9a-f]+|%\(\d+|/\S+/(?=ending\.py)"
    stdout, stderr = (re.sub(varying, "…", text) for text in (run.stdout, run.stderr))
    return run.status, stdout, stderr


@pytest.fixture
def real(project):
    """A function from a series and a program to what it does when Python itself runs it, which is kept."""
    kept = Kept(project, "real-runs")

    def real(series: str, script: Path) -> Run:
        def run() -> str:
            return Subprocesses(project, series).run(script).to_json()

        return Run.from_json(kept.made(run, environment_digest(project, series), script.name, script.read_text()))

    return real


@pytest.mark.parametrize("slug", PROOFS)
def test_a_forked_run_prints_what_python_itself_prints(slug, series, runner, project, real):
    script = project.snippets / slug / "before.py"
    forked, real = runner(series).run(script), real(series, script)
    assert without_addresses(forked) == without_addresses(real)
    assert forked.stderr.startswith("Traceback")


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_forked_run_ends_as_python_itself_ends(ending, series, runner, real, tmp_path):
    script = tmp_path / "ending.py"
    script.write_text(ENDING + ending)
    forked, real = runner(series).run(script), real(series, script)
    assert without_addresses(forked) == without_addresses(real)


def test_a_module_that_cannot_be_imported_is_named(series, project):
    message = rf"^SQLAlchemy {series}: the module nowhere can't be imported: .*nowhere.*; run `make test` again"
    with pytest.raises(ImportFailed, match=message), contextlib.closing(ForkServer(project, series, ("nowhere",))):
        pass
