"""Runs snippets as `python file.py` would, in processes forked from this one, which has already imported SQLAlchemy.

Started with the interpreter of one environment and the modules to import. Prints an empty line once it has, or else one
that says which module it cannot import. Then each line on standard input asks for one run; each line on standard output
answers with its exit status, negative for a signal, as in `subprocess`.
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

# How this process ends: its exit status as in `subprocess`, and the modules that were there before the fork.
ending = types.SimpleNamespace(status=0, kept=[])


def end_by_os_exit() -> None:
    """Have this process end as Py_FinalizeEx does it, but without freeing `ending.kept`: that takes longer than to run.

    To be called before anything else registers with atexit, so that these steps come last. Each that can destroy
    objects of the program is a function in C, because what they print names the line of Python that is running.
    """
    errors = ("last_type", "last_value", "last_traceback")
    steps = (
        (begin_finalizing,),
        (gc.collect,),
        *((setattr, sys, name, None) for name in ("path", *errors, "path_hooks", "path_importer_cache", "meta_path")),
        (sys.modules.__setitem__, "__main__", None),
        (sys.modules.clear,),
        (gc.collect,),
        (leave,),
    )
    for step in reversed(steps):
        atexit.register(*step)


def begin_finalizing() -> None:
    """Forget what the program registered with atexit, all of which has run, and let nothing look as if it went on."""
    atexit._clear()
    end_by_os_exit()
    flush()
    sys.is_finalizing = lambda: True
    sys.stdin, sys.stdout, sys.stderr = sys.__stdin__, sys.__stdout__, sys.__stderr__


def leave() -> None:
    """End this process at once with `ending.status`."""
    flush()
    if ending.status < 0:
        signal.signal(-ending.status, signal.SIG_DFL)
        os.kill(os.getpid(), -ending.status)
    os._exit(ending.status)


def flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            stream.flush()


def import_all(modules: list[str]) -> str:
    """Import `modules`; return in one line why one of them can't be imported, or nothing."""
    for module in modules:
        try:
            importlib.import_module(module)
        except Exception as error:
            reason = " ".join(str(error).split())
            return f"the module {module} can't be imported: {type(error).__name__}: {reason}"
    return ""


def serve() -> dict | None:
    """Fork once per request; return the request in the child, None in the parent at the end."""
    ending.kept = list(sys.modules.values())
    gc.collect()
    gc.freeze()
    while line := sys.stdin.readline():
        pid = os.fork()
        if pid == 0:
            return json.loads(line)
        _, status = os.waitpid(pid, 0)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        print(os.waitstatus_to_exitcode(status), flush=True)
    return None


def become(request: dict) -> None:
    """Turn this process into the one that `python file.py` would be, with an empty `__main__`.

    But Python collects no garbage before the end: what a destroyed coroutine prints would come at a moment that depends
    on all that was made before.
    """
    gc.set_threshold(0)
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
    main = types.ModuleType("__main__")
    vars(main).update(__file__=script, __cached__=None, __annotations__={})
    sys.modules["__main__"] = main


def run(script: str) -> None:
    """Run `script` in `__main__` and set `ending.status`; print an uncaught error, but not this frame."""
    try:
        with open(script) as source:
            code = compile(source.read(), script, "exec", dont_inherit=True)
        exec(code, vars(sys.modules["__main__"]))
    except SystemExit as wish:
        ending.status = wish.code & 0xFF if isinstance(wish.code, int) else int(wish.code is not None)
        raise
    except BaseException as error:
        ending.status = -signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1
        sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__.tb_next
    else:
        return
    sys.last_value.__traceback__ = sys.last_traceback
    sys.excepthook(sys.last_type, sys.last_value, sys.last_traceback)


def name_threads_left(path: str) -> None:
    """Write the names of the threads that do not end within a second of the program to the file `path`."""
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            thread.join(1)
            if thread.is_alive():
                with open(path, "a") as names:
                    print(thread.name, file=names)


end_by_os_exit()
problem = import_all(sys.argv[1:])
print(problem, flush=True)
if not problem and (request := serve()) is not None:
    become(request)
    run(request["script"])
    if ending.status == 0:
        name_threads_left(request["threads"])
