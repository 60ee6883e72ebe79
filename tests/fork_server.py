"""Runs snippets as `python file.py` would, in processes forked from this one, which has already imported SQLAlchemy.

Started with the interpreter of one environment and the modules to import. Each line on standard input asks for one
run; each line on standard output answers with its exit status, negative for a signal, as in `subprocess`.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import signal
import sys
import threading
import types

# A library that replaces the hook ends by calling sys.__excepthook__, so that is replaced as well.
PRINT_ERROR = sys.__excepthook__


def serve(modules: list[str]) -> dict | None:
    """Import `modules` and fork once per request; return the request in the child, None in the parent at the end."""
    already_there = set(sys.modules)
    for module in modules:
        importlib.import_module(module)
    keep_at_exit({name: module for name, module in sys.modules.items() if name not in already_there})
    gc.collect()
    gc.freeze()
    print("ready", flush=True)
    while line := sys.stdin.readline():
        pid = os.fork()
        if pid == 0:
            return json.loads(line)
        _, status = os.waitpid(pid, 0)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        print(os.waitstatus_to_exitcode(status), flush=True)
    return None


def keep_at_exit(modules: dict[str, types.ModuleType]) -> None:
    """Spare each child from freeing `modules` at its exit, which takes longer than most snippets.

    They live on in a cycle, which the freeze that follows hides from the garbage collector.
    """
    cycle: list = [modules]
    cycle.append(cycle)
    atexit.register(lambda: [sys.modules.pop(name, None) for name in modules])


def become(request: dict) -> types.ModuleType:
    """Turn this process into the one that `python file.py` would be, and return its empty `__main__`."""
    os.setsid()
    signal.alarm(request["timeout"])
    for descriptor, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, request["stdout"], os.O_WRONLY | os.O_CREAT),
        (2, request["stderr"], os.O_WRONLY | os.O_CREAT),
    ):
        opened = os.open(path, flags)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.chdir(request["folder"])
    os.environ.update(request["environ"])
    script = request["script"]
    sys.argv = [script]
    sys.path[0] = os.path.dirname(script)
    sys.excepthook = sys.__excepthook__ = print_without_this_file
    main = types.ModuleType("__main__")
    main.__file__ = script
    sys.modules["__main__"] = main
    return main


def print_without_this_file(kind, error, traceback) -> None:
    """Print an uncaught error as Python does, less the frame of this file that every traceback here begins with."""
    PRINT_ERROR(kind, error.with_traceback(traceback.tb_next), traceback.tb_next)


def name_threads_left(path: str) -> None:
    """Write the names of the threads that do not end within a second of the program to the file `path`."""
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            thread.join(1)
            if thread.is_alive():
                with open(path, "a") as names:
                    print(thread.name, file=names)


if (request := serve(sys.argv[1:])) is not None:
    namespace = become(request).__dict__
    with open(request["script"]) as source:
        code = compile(source.read(), request["script"], "exec", dont_inherit=True)
    exec(code, namespace)
    name_threads_left(request["threads"])
