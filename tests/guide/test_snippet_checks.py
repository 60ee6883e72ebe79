"""Each promise that a snippet breaks is named in one line that says what to do, and nothing of it is recorded."""

import pytest

from guide.runs import Run
from guide.snippets import Snippet, size_problem
from guide.verdicts import problem
from tests.guide.tiny import AFTER_PY, BEFORE_PY, ON_ANY_DRIVER, change

SERIES = "2.1"
RECORDED = "snippets/too-far/recorded/2.1/before.txt"
# What is wrong, in which file, and what is said after the file's name.
RUN = {
    "a before that passes": (
        (r"numbers\[2\]", "numbers[0]"),
        BEFORE_PY,
        "passes on SQLAlchemy 2.1: a before must fail; correct it, or rename it after-….py",
    ),
    "a mark on the wrong line": (
        ("  # raises IndexError\n    print\\(number\\)", "\n    print(number)  # raises IndexError"),
        BEFORE_PY,
        "fails at line 4 on SQLAlchemy 2.1, but line 5 is marked: move the mark",
    ),
    "a mark with the wrong class": (
        ("IndexError", "KeyError"),
        BEFORE_PY,
        "raises IndexError on SQLAlchemy 2.1, not KeyError as line 4 is marked",
    ),
    "no mark": (
        ("  # raises IndexError", ""),
        BEFORE_PY,
        "has no mark: end the line that fails with `# raises ClassName` or `# warns Category: text`",
    ),
    "two marks": (
        (r"print\(number\)", "print(number)  # raises IndexError"),
        BEFORE_PY,
        "has two marks, on lines 4 and 5: a snippet shows one mistake; remove one or split the file",
    ),
    "a warning that does not come": (
        (r"numbers\[2\]  # raises IndexError", "numbers[0]  # warns RuntimeWarning: never awaited"),
        BEFORE_PY,
        "does not warn `RuntimeWarning: never awaited` on SQLAlchemy 2.1: line 4 says that it does",
    ),
    "an after that raises": (
        (r"numbers\[1\]", "numbers[2]"),
        AFTER_PY,
        "must pass, but fails on SQLAlchemy 2.1: IndexError: list index out of range",
    ),
    "an after that warns": (
        (r"print\(number\)", 'print(number)\n    import warnings; warnings.warn("old")'),
        AFTER_PY,
        "must not warn, but prints on SQLAlchemy 2.1: ",
    ),
    "an after with a mark": (
        (r"print\(number\)", "print(number)  # raises IndexError"),
        AFTER_PY,
        "has a mark on line 5: only a before fails; remove the mark",
    ),
    "an after that prints nothing": (
        (r"print\(number\)", "assert number"),
        AFTER_PY,
        "prints nothing: print what it read, so that its recording proves something",
    ),
    "a snippet that writes to the disk": (
        (r"print\(number\)", 'print(number)\n    open("numbers.db", "w").close()'),
        AFTER_PY,
        "left numbers.db on the disk: use the in-memory database or remove it",
    ),
    "a snippet that leaves a thread": (
        (
            r"print\(number\)",
            "print(number)\n    from threading import Event, Thread"
            '\n    Thread(target=Event().wait, name="waiter", daemon=True).start()',
        ),
        AFTER_PY,
        "leaves a thread running, waiter: dispose of its engine",
    ),
    "a snippet without its driver": (
        (r"numbers = \[1, 2\]", "import oracledb\n    numbers = [1, 2]"),
        AFTER_PY,
        "needs the module 'oracledb': add its package to requirements/snippets.in, then `make lock`",
    ),
}
SIZES = {
    "a section without its end": (
        ("    # --8<-- \\[end:example\\]\n", ""),
        "needs one [start:example] and one [end:example]: the page shows what is between",
    ),
    "a section too wide for a phone": (
        (r"numbers = \[1, 2\]", f"numbers = [1, 2{', 3' * 20}][:2]"),
        "line 3 is 80 columns wide on the page: break it at 60",
    ),
    "a section too long for a phone": (
        ("numbers = \\[1, 2\\]\n", "numbers = [1, 2]\n" + "    numbers.sort()\n" * 20),
        "line 24 is marked, but not among the first 18 that the page shows: ",
    ),
}


@pytest.fixture
def run(runner):
    """A function that runs a snippet on one series, in the environment of the real project."""

    def run(snippet: Snippet, timeout: int = 30, **environ: str) -> Run:
        return runner(SERIES).run(snippet.path, environ, timeout)

    return run


@pytest.mark.parametrize("mistake", RUN)
def test_a_broken_promise_is_named(a_tiny_project, run, mistake):
    (old, new), file, message = RUN[mistake]
    change(old, new, a_tiny_project.root / file)
    snippet = Snippet(a_tiny_project, a_tiny_project.root / file)
    said = problem(snippet, SERIES, snippet.driver, run(snippet))
    assert str(said).startswith(f"{file} {message}")


def test_a_snippet_that_hangs_is_named(a_tiny_project, run):
    change(r"numbers\[1\]", "numbers[1]\n    while True: pass", a_tiny_project.root / AFTER_PY)
    snippet = Snippet(a_tiny_project, a_tiny_project.root / AFTER_PY)
    said = problem(snippet, SERIES, snippet.driver, run(snippet, timeout=1))
    assert said == f"{AFTER_PY} hangs on SQLAlchemy 2.1: killed after 120 s; end its loops and threads"


@pytest.mark.parametrize(
    ("file", "new", "message"),
    [
        (
            AFTER_PY,
            'numbers = [1, 2] if "sqlite" in url else []',
            "must pass, but fails on SQLAlchemy 2.1 with asyncpg: ",
        ),
        (
            BEFORE_PY,
            'numbers = [1, 2] if "sqlite" in url else [][0]',
            "raises IndexError on SQLAlchemy 2.1 with asyncpg, but not at line 6: make it fail there",
        ),
    ],
)
def test_a_promise_that_another_driver_breaks_is_named(a_tiny_project, run, file, new, message):
    change(r"numbers = \[1, 2\]", ON_ANY_DRIVER + new, a_tiny_project.root / file)
    snippet = Snippet(a_tiny_project, a_tiny_project.root / file)
    said = problem(snippet, SERIES, "asyncpg", run(snippet, DATABASE_URL="postgresql+asyncpg://"))
    assert str(said).startswith(f"{file} {message}")


@pytest.mark.parametrize("mistake", SIZES)
def test_a_section_that_does_not_fit_is_named(a_tiny_project, mistake):
    (old, new), message = SIZES[mistake]
    change(old, new, a_tiny_project.root / BEFORE_PY)
    try:
        said = size_problem(Snippet(a_tiny_project, a_tiny_project.root / BEFORE_PY))
    except ValueError as unclear:
        said = str(unclear)
    assert str(said).startswith(f"{BEFORE_PY} {message}")


def test_the_run_of_everything_turns_red_and_says_the_same(a_tiny_project, run_tests_on):
    """One run of pytest for all that only a whole run finds out."""
    root = a_tiny_project.root
    change("list index", "tuple index", root / RECORDED)
    change(r"print\(number\)", "print(number, __file__[:-1])", root / AFTER_PY)
    change("too-far,before.py,2.1,none,IndexError", "too-far,before.py,2.1,none,KeyError", root / "snippets/matrix.csv")
    change("\\+    number", "+    numbers", root / "snippets/too-far/recorded/after-first.diff")
    done = run_tests_on(a_tiny_project, "--series", "2.1", "snippets/")
    assert done.returncode == 1
    for message in (
        f"{RECORDED} is stale: {BEFORE_PY} prints something else on SQLAlchemy 2.1; look at what changed, then",
        f"{AFTER_PY} prints a path of this machine: ",
        f"snippets/too-far/recorded/after-first.diff is stale: {AFTER_PY} or its before changed;",
    ):
        assert any(line.startswith(message) for line in done.stdout.splitlines()), done.stdout


def test_a_changed_outcome_and_a_missing_fix_turn_the_run_red(a_tiny_project, run_tests_on):
    change("2.1,none,IndexError", "2.1,none,KeyError", a_tiny_project.root / "snippets/matrix.csv")
    (a_tiny_project.root / AFTER_PY).unlink()
    said = run_tests_on(a_tiny_project, "--series", "2.1", "snippets/").stdout.splitlines()
    changed = f"{BEFORE_PY} on SQLAlchemy 2.1 with none: IndexError, but recorded is KeyError; look at what changed, "
    assert f"{changed}then `make matrix`" in said
    assert "snippets/too-far has no after-….py: show at least one fix" in said


def test_a_wrong_snippet_is_not_recorded(a_tiny_project, recorded_tiny, run_tests_on):
    change(r"numbers\[2\]", "numbers[0]", a_tiny_project.root / BEFORE_PY)
    assert run_tests_on(a_tiny_project, "--record", "snippets/").returncode == 1
    assert (a_tiny_project.root / RECORDED).read_text() == (recorded_tiny.root / RECORDED).read_text()


def test_what_another_worker_records_meanwhile_is_no_left_over(a_tiny_project, run, run_tests_on):
    snippet = Snippet(a_tiny_project, a_tiny_project.root / AFTER_PY)
    (snippet.path.parent / "recorded").rename(a_tiny_project.root / "recorded")
    program = snippet.path.read_text()
    snippet.path.write_text(f'import os\n\nos.mkdir(os.path.dirname(__file__) + "/recorded")\n{program}')
    assert run(snippet).files_left == ()
    (snippet.path.parent / "recorded").rmdir()
    for copy in range(8):
        snippet.path.with_name(f"after-{copy}.py").write_text(program)
    snippet.path.write_text(program)
    done = run_tests_on(a_tiny_project, "--record", "--numprocesses", "2", "snippets/")
    assert done.returncode == 0, done.stdout


def test_recording_removes_what_no_snippet_prints(a_tiny_project, run_tests_on):
    left = a_tiny_project.root / "snippets/too-far/recorded/2.1/after-second.txt"
    left.write_text("2\n")
    done = run_tests_on(a_tiny_project, "--record", "snippets/")
    assert done.returncode == 0, done.stdout
    assert not left.exists()
