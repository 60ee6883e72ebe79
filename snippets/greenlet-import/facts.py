# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `greenlet-import` says beyond its example, each sentence asserted by a run with a damaged copy of greenlet, on Linux."""

import ensurepip
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from importlib.metadata import version
from pathlib import Path

import sqlalchemy

IS_2_0 = sqlalchemy.__version__ < "2.1"
ON_2_0 = "ValueError: the greenlet library is required to use this function. "
ON_2_1 = "ImportError: The SQLAlchemy asyncio module requires that the Python 'greenlet' library is installed."

CONNECTS = """
import asyncio
from sqlalchemy.ext.asyncio import create_async_engine

async def main():
    async with create_async_engine("sqlite+aiosqlite://").connect():
        pass

asyncio.run(main())
"""
SYNC = """
from sqlalchemy import create_engine, text

with create_engine("sqlite://").connect() as connection:
    print(connection.scalar(text("SELECT 42")))
"""
ELF_MACHINES = {"x86_64": 62, "aarch64": 183}


def run_with(damage, program):
    """What a program printed that found a copy of greenlet whose compiled module was damaged, and its errors."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "greenlet")
        shutil.copytree(Path(importlib.util.find_spec("greenlet").origin).parent, copy)
        [module] = copy.glob("_greenlet.*.so")
        damage(module)
        run = subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONPATH": folder},
            capture_output=True,
            text=True,
        )
        module_path = f"{module.parent}/{module.name}"
        errors = re.findall(r"^\w+Error: .*$", run.stderr, re.MULTILINE)
        return run.stdout, [error.replace(module_path, "….so") for error in errors]


def reason(damage, program=CONNECTS):
    """What the import of greenlet says, by the errors of a program."""
    _, errors = run_with(damage, program)
    if program != CONNECTS:
        [only] = errors
        return only.partition(": ")[2]
    if IS_2_0:
        [only] = errors
        assert only.startswith(ON_2_0)
        return only.removeprefix(ON_2_0)
    first, last = errors
    assert last.startswith(ON_2_1)
    return first.partition(": ")[2]


def for_another_python(module):
    """What a Python 3.8 installs."""
    module.rename(module.with_name("_greenlet.cpython-38-x86_64-linux-gnu.so"))


def for_another_machine(module):
    """What a machine with another kind of processor installs."""
    content = bytearray(module.read_bytes())
    [other] = {*ELF_MACHINES.values()} - {ELF_MACHINES[platform.machine()]}
    content[18:20] = other.to_bytes(2, "little")
    module.write_bytes(content)


def for_macos(module):
    """What a Mac installs begins so."""
    module.write_bytes(bytes.fromhex("cffaedfe") + bytes(4096))


def without_libstdcxx(module):
    """On a system without the C++ library, the name leads nowhere."""
    content = module.read_bytes()
    assert content.count(b"libstdc++.so.6\0") == 1
    module.write_bytes(content.replace(b"libstdc++.so.6\0", b"libmissing.so6\0"))


def end_of_message():
    """2.0 ends its message with the reason, and 2.1 shows it as the first error."""
    said = reason(for_another_python)
    assert said == "No module named 'greenlet._greenlet'"
    return f"{'the message ends in' if IS_2_0 else 'the first error is'} {said}"


def another_python():
    """Installed with another Python: there is no module `greenlet._greenlet`, as if its file were missing."""
    said = reason(for_another_python)
    assert said == reason(Path.unlink) == "No module named 'greenlet._greenlet'"
    return said


def another_machine():
    """For another processor: `cannot open shared object file`, although the file is there; for a Mac: `invalid ELF header`."""
    machine, mac = reason(for_another_machine), reason(for_macos)
    assert machine == "….so: cannot open shared object file: No such file or directory"
    assert mac == "….so: invalid ELF header"
    return f"{machine}; {mac}"


def cxx_library():
    """Without the C++ library, the reason names that library, not greenlet."""
    said = reason(without_libstdcxx)
    assert said == (
        "libmissing.so6: cannot open shared object file: No such file or directory"
    )
    return said.replace("libmissing.so6", "(the name of the library)")


def import_greenlet():
    """`python -c "import greenlet"` fails with the reason alone."""
    for damage in (for_another_python, for_another_machine, without_libstdcxx):
        assert reason(damage, "import greenlet") == reason(damage)
    return "the reason alone, three times"


def still_installed():
    """The metadata of a greenlet that can't be imported is there, and `pip show` reads that."""
    program = "from importlib.metadata import version; print(version('greenlet')); import greenlet"
    assert reason(for_another_python, program) == "No module named 'greenlet._greenlet'"
    assert version("greenlet")
    return "a version, and an error at the import"


def no_index():
    """pip that sees no greenlet says `(from versions: none)`."""
    [pip] = Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl")
    command = [
        sys.executable,
        pip / "pip",
        "--isolated",
        "download",
        "--no-index",
        "greenlet",
    ]
    printed = subprocess.run(command, capture_output=True, text=True).stderr
    assert "that satisfies the requirement greenlet (from versions: none)" in printed
    assert "ERROR: No matching distribution found for greenlet\n" in printed
    return "No matching distribution found for greenlet (from versions: none)"


def only_binary():
    """If the newest release has no wheel, `--only-binary greenlet` takes the one before it, and pip alone tries to build."""
    [pip] = Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl")
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(Path(folder, "greenlet-3.0.2.tar.gz"), "w:gz"):
            pass
        with zipfile.ZipFile(
            Path(folder, "greenlet-3.0.1-py3-none-any.whl"), "w"
        ) as wheel:
            about = "Metadata-Version: 2.1\nName: greenlet\nVersion: 3.0.1\n"
            wheel.writestr("greenlet-3.0.1.dist-info/METADATA", about)
            wheel.writestr("greenlet-3.0.1.dist-info/WHEEL", "Wheel-Version: 1.0\n")
        seen = []
        for options in (["--only-binary", "greenlet"], []):
            command = [
                sys.executable,
                pip / "pip",
                "--isolated",
                "download",
                "--no-index",
            ]
            command += ["--find-links", folder, "--dest", folder, *options, "greenlet"]
            run = subprocess.run(command, capture_output=True, text=True)
            [taken] = re.findall(r"Processing \S+/(\S+)", run.stdout)
            seen.append(taken)
    assert seen == ["greenlet-3.0.1-py3-none-any.whl", "greenlet-3.0.2.tar.gz"]
    return "with it greenlet-3.0.1-py3-none-any.whl, without it greenlet-3.0.2.tar.gz"


def sync_engine():
    """A program with `create_engine()` and a sync driver runs without greenlet."""
    printed, errors = run_with(Path.unlink, SYNC)
    assert printed == "42\n" and errors == []
    return "create_engine() read 42"


for fact in (
    end_of_message,
    another_python,
    another_machine,
    cxx_library,
    import_greenlet,
    still_installed,
    no_index,
    only_binary,
    sync_engine,
):
    print(f"{fact.__name__.replace('_', '-')}: {fact()}")
