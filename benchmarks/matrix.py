"""Milliseconds per run of the matrix, with two workers, over all drivers, the start of the servers included."""

import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from matrix import all_cases
from project import DRIVERS, ROOT

WORKERS = 2
TESTS = ("tests/test_snippets.py", "tests/test_matrix.py")


def main() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "--numprocesses", str(WORKERS), "--mariadb", *TESTS]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)
    left_out = "mysql" if "no MariaDB" in done.stdout else None
    cases = [case for case in all_cases() if DRIVERS.get(case.driver, "") != left_out]
    drivers = ", ".join(sorted({case.driver for case in cases}))
    print(f"the matrix, {len(cases)} runs with {drivers}, the start of the servers included:")
    print(f"{seconds:.0f} s, {seconds / len(cases) * 1000:.0f} ms a run")


main()
