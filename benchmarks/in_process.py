"""Run programs one after the other in this one process, and print the seconds that took: the limit for forking.

Not a way to test them: they share modules, threads and warnings filters.
"""

import contextlib
import importlib
import io
import os
import runpy
import sys
import time


def main(modules: str, scripts: list[str]) -> None:
    for module in modules.split(","):
        importlib.import_module(module)
    started = time.perf_counter()
    for script in scripts:
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            contextlib.suppress(Exception),
        ):
            runpy.run_path(script, run_name="__main__")
    print(time.perf_counter() - started, flush=True)
    os._exit(0)


main(sys.argv[1], sys.argv[2:])
