"""Whether a run kept what a snippet's file name and marks promise; if not, what to do, in one line."""

from guide.runs import TIMEOUT, Run
from guide.snippets import Mark, Snippet
from guide.tracebacks import error_class, last_own_line, own_lines


def problem(snippet: Snippet, series: str, driver: str, run: Run) -> str | None:
    """What a contributor has to correct in `snippet` after one `run`, in one line; None if nothing."""
    where = series if driver == snippet.driver else f"{series} with {driver}"
    if run.timed_out:
        return f"{snippet} hangs on SQLAlchemy {where}: killed after {TIMEOUT} s; end its loops and threads"
    is_promised = any(mark.promise == "ModuleNotFoundError" for mark in snippet.marks_on(series))
    if error_class(run.stderr, snippet.path) == "ModuleNotFoundError" and not is_promised:
        missing = run.stderr.rpartition("No module named ")[2].strip()
        return f"{snippet} needs the module {missing}: add its package to requirements/snippets.in, then `make lock`"
    if run.files_left:
        return f"{snippet} left {', '.join(run.files_left)} on the disk: use the in-memory database or remove it"
    if not snippet.must_fail:
        return after_problem(snippet, where, run)
    marks = snippet.marks_on(series)
    if driver == snippet.driver:
        return before_problem(snippet, marks, where, run)
    return next((found for mark in marks if (found := elsewhere_problem(snippet, mark, where, run))), None)


def before_problem(snippet: Snippet, marks: list[Mark], where: str, run: Run) -> str | None:
    if snippet.marks and not marks:
        return passing_problem(snippet, where, run)
    if not marks:
        return f"{snippet} has no mark: end the line that fails with `# raises ClassName` or `# warns Category: text`"
    if len(marks) > 1:
        lines = " and ".join(str(mark.line) for mark in marks)
        return f"{snippet} has two marks, on lines {lines}: a snippet shows one mistake; remove one or split the file"
    [mark] = marks
    if mark.kind == "warns":
        return warning_problem(snippet, mark, where, run)
    if run.status == 0:
        return f"{snippet} passes on SQLAlchemy {where}: a before must fail; correct it, or rename it after-….py"
    raised, line = error_class(run.stderr, snippet.path), last_own_line(run.stderr, snippet.path)
    if raised != mark.promise:
        return f"{snippet} raises {raised} on SQLAlchemy {where}, not {mark.promise} as line {mark.line} is marked"
    if line != mark.line:
        return f"{snippet} fails at line {line} on SQLAlchemy {where}, but line {mark.line} is marked: move the mark"
    return None


def elsewhere_problem(snippet: Snippet, mark: Mark, where: str, run: Run) -> str | None:
    """With another driver the mark promises nothing, but the same class has to come from the same line."""
    raised, lines = error_class(run.stderr, snippet.path), own_lines(run.stderr, snippet.path)
    if raised == mark.promise and mark.line not in lines:
        return f"{snippet} raises {raised} on SQLAlchemy {where}, but not at line {mark.line}: make it fail there"
    return None


def warning_problem(snippet: Snippet, mark: Mark, where: str, run: Run) -> str | None:
    if run.status != 0:
        return f"{snippet} fails on SQLAlchemy {where}, but line {mark.line} is marked `warns`: it must exit with 0"
    if mark.promise not in run.stderr:
        return f"{snippet} does not warn `{mark.promise}` on SQLAlchemy {where}: line {mark.line} says that it does"
    if not run.stdout:
        return f"{snippet} prints nothing on SQLAlchemy {where}: print the harm that the warning announces"
    return None


def after_problem(snippet: Snippet, where: str, run: Run) -> str | None:
    if snippet.marks:
        return f"{snippet} has a mark on line {snippet.marks[0].line}: only a before fails; remove the mark"
    return passing_problem(snippet, where, run)


def passing_problem(snippet: Snippet, where: str, run: Run) -> str | None:
    if run.status != 0:
        return f"{snippet} must pass, but fails on SQLAlchemy {where}: {run.stderr.strip().splitlines()[-1]}"
    if run.stderr and not snippet.is_facts:
        return f"{snippet} must not warn, but prints on SQLAlchemy {where}: {run.stderr.strip().splitlines()[0]}"
    if run.threads_left:
        return f"{snippet} leaves a thread running, {', '.join(run.threads_left)}: dispose of its engine"
    if not run.stdout:
        return f"{snippet} prints nothing: print what it read, so that its recording proves something"
    return None
