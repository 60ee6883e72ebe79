# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `greenlet-not-installed` says beyond its example, each sentence asserted by a run without greenlet."""

import os
import re
import subprocess
import sys
import tempfile
from importlib.metadata import distributions, requires
from pathlib import Path

import sqlalchemy

IS_2_0 = sqlalchemy.__version__ < "2.1"
ON_2_0 = "ValueError: the greenlet library is required to use this function."
ON_2_1 = "ImportError: The SQLAlchemy asyncio module requires that the Python 'greenlet' library is installed."
EXTRAS = [
    "aiomysql",
    "aioodbc",
    "aiosqlite",
    "asyncio",
    "asyncmy",
    "postgresql-asyncpg",
]

PROGRAM = """
import asyncio
from sqlalchemy.ext.asyncio import create_async_engine
print("imported")

async def main():
    engine = create_async_engine("sqlite+aiosqlite://")
    print("engine made")
    async with engine.connect():
        print("connected")

asyncio.run(main())
"""


def run_program(**environ):
    """What `PROGRAM` printed before it failed, and the errors in its traceback, the first one first."""
    run = subprocess.run(
        [sys.executable, "-B", "-c", PROGRAM],
        env=os.environ | environ,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    errors = re.findall(r"^\w+Error: .*$", run.stderr, re.MULTILINE)
    return run.stdout.splitlines(), errors


def where():
    """2.1 fails at the import, and 2.0 at the first connection."""
    printed, errors = run_program()
    if IS_2_0:
        assert printed == ["imported", "engine made"]
        assert errors[-1] == f"{ON_2_0} No module named 'greenlet'"
        return "at the first connection: ValueError"
    assert printed == []
    assert errors[-1].startswith(ON_2_1)
    return "at the import: ImportError"


def asked_for():
    """2.1 asks for greenlet only in its asyncio extras, 2.0 also on some machines."""
    lines = [
        line
        for line in requires("sqlalchemy")
        if line.startswith(("greenlet", "sqlalchemy[asyncio]"))
    ]
    in_extras = [line for line in lines if "extra ==" in line]
    extras = sorted(re.search(r'extra == "([\w-]+)"', line)[1] for line in in_extras)
    assert extras == EXTRAS
    of_itself = [line for line in lines if line not in in_extras]
    machines = re.findall(r'platform_machine == "(\w+)"', " ".join(of_itself))
    if IS_2_0:
        assert {"x86_64", "aarch64"} <= set(machines) and "arm64" not in machines
    else:
        assert of_itself == []
    of_itself = f", and of itself on {', '.join(sorted(machines))}" if machines else ""
    return f"in the extras {', '.join(extras)}{of_itself}"


def not_found():
    """There is no greenlet among the installed packages, which is what `pip show` looks at."""
    assert "greenlet" not in [one.metadata["Name"] for one in distributions()]
    return "no package greenlet"


def cannot_be_imported():
    """A greenlet whose compiled part is missing raises the same error, and its reason is shown."""
    reason = "No module named 'greenlet._greenlet'"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "greenlet").mkdir()
        Path(folder, "greenlet", "__init__.py").write_text(
            "from ._greenlet import getcurrent, greenlet"
        )
        _, errors = run_program(PYTHONPATH=folder)
    if IS_2_0:
        assert errors[-1] == f"{ON_2_0} {reason}"
        return f"the message ends in {reason}"
    assert errors[-1].startswith(ON_2_1)
    assert errors[0] == f"ModuleNotFoundError: {reason}"
    return f"the first error is {errors[0]}"


for fact in (where, asked_for, not_found, cannot_be_imported):
    print(f"{fact.__name__.replace('_', '-')}: {fact()}")
