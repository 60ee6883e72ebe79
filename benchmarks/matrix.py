"""Milliseconds per run of the matrix, with two workers, over all drivers, the start of the servers included."""

import os
import subprocess
import sys
import time
from pathlib import Path

from guide.matrix import all_cases
from guide.project import Project
from guide.servers import MariaDB

PROJECT = Project(Path(__file__).resolve().parents[1])
WORKERS = 2


def main() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "--numprocesses", str(WORKERS), "--mariadb", "tests/snippets"]
    started = time.perf_counter()
    # In CI no outcome of an earlier run is reused.
    done = subprocess.run(command, cwd=PROJECT.root, env=os.environ | {"CI": "true"}, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)
    left_out = MariaDB.scheme if "no MariaDB" in done.stdout else None
    without = {driver.name for driver in PROJECT.drivers.values() if driver.database == left_out}
    cases = [case for case in all_cases(PROJECT) if case.driver not in without]
    drivers = ", ".join(sorted({case.driver for case in cases}))
    print(f"the matrix, {len(cases)} runs with {drivers}, the start of the servers included:")
    print(f"{seconds:.0f} s, {seconds / len(cases) * 1000:.0f} ms a run")


if __name__ == "__main__":
    main()
