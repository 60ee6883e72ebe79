"""Each check fails when it has to and says in one line what to do, on a tiny project with one mistake at a time."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from project import ROOT
from servers import has_mariadb

BEFORE = """\
def main() -> None:
    # --8<-- [start:example]
    numbers = [1, 2]
    number = numbers[2]  # raises IndexError
    print(number)
    # --8<-- [end:example]


main()
"""
AFTER = BEFORE.replace("numbers[2]  # raises IndexError", "numbers[1]")
PAGE = """\
---
title: "{title}"
description: "{title}"
{translates}---

# {title} {{ #lazy-relationship }}

**{title}**

## {title} {{ #example }}

```python hl_lines="2"
--8<-- "lazy-relationship/before.py:example"
```

```python hl_lines="2"
--8<-- "lazy-relationship/after-first.py:example"
```

```text
--8<-- "lazy-relationship/recorded/2.1/after-first.txt"
```

```diff
--8<-- "lazy-relationship/recorded/after-first.diff"
```

## {title} {{ #symptom }}

```text
--8<-- "lazy-relationship/recorded/2.1/before.txt"
```

## {title} {{ #why }}

## {title} {{ #recognise }}

## {title} {{ #verified }}

--8<-- "lazy-relationship/recorded/verified.md"

## {title} {{ #reproduce }}

## {title} {{ #related }}

[{title}](#why)
"""
HOME = """\
---
title: "{title}"
description: "{title}"
{translates}---

# {title} {{ #home }}

## {title} {{ #rarer }}

| {title} | {title} |
|---|---|
| {title} | [{title}](causes/lazy-relationship.md) |

## {title} {{ #lookalikes }}
"""
NAV = "nav:\n  - index.md\n  - Too far: causes/lazy-relationship.md\n"
SNIPPETS = "tests/test_snippets.py"
MATRIX = "tests/test_matrix.py"
PAGES = "tests/test_pages.py"
BEFORE_PY = "snippets/lazy-relationship/before.py"
AFTER_PY = "snippets/lazy-relationship/after-first.py"
RECORDED = "snippets/lazy-relationship/recorded/2.1/before.txt"
VERIFIED = "snippets/lazy-relationship/recorded/verified.md"
OUTCOMES = "snippets/matrix.csv"
ROW = "lazy-relationship,before.py,2.1,none"
ON_ANY_DRIVER = 'import os\n    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")\n    '
ENGLISH = "docs/en/causes/lazy-relationship.md"
JAPANESE = "docs/ja/causes/lazy-relationship.md"
ENGLISH_HOME = "docs/en/index.md"
JAPANESE_HOME = "docs/ja/index.md"


def run_tests(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess:
    """Run pytest in `folder` as a contributor would, without this run's own settings."""
    own = ("PYTEST", "PYTHONDONTWRITEBYTECODE", "CI", "MARIADB")
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(own)}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *arguments],
        cwd=folder,
        env=inherited | {"COLUMNS": "300", **environ},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Path:
    """A project with one entry and no mistake."""
    folder = tmp_path_factory.mktemp("tiny")
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("finishing", "templates"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("new.py", "pyproject.toml"):
        shutil.copy(ROOT / file, folder)
    (folder / ".series").symlink_to(ROOT / ".series")
    for path, text in {
        BEFORE_PY: BEFORE,
        AFTER_PY: AFTER,
        ENGLISH: PAGE.format(title="Too far", translates=""),
        JAPANESE: PAGE.format(title="範囲外", translates="translates: none\n"),
        ENGLISH_HOME: HOME.format(title="Home", translates=""),
        JAPANESE_HOME: HOME.format(title="ホーム", translates="translates: none\n"),
        "mkdocs.yml": NAV,
        "mkdocs.ja.yml": NAV,
        "redirects.txt": "causes/once-late causes/lazy-relationship\n",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    assert run_tests(folder, "--record", SNIPPETS).returncode == 0
    for path, hash in re.findall(
        r"^(\S+) may be .* `translates: (\w{12})`", run_tests(folder, PAGES).stdout, re.MULTILINE
    ):
        change("translates: none", f"translates: {hash}", path)(folder)
    return folder


Mistake = Callable[[Path], None]


def change(old: str, new: str, *paths: str) -> Mistake:
    """The mistake of having `new` instead of `old` in these files."""

    def mutate(folder: Path) -> None:
        for path in paths:
            text = (folder / path).read_text()
            assert old in text
            (folder / path).write_text(text.replace(old, new, 1))

    return mutate


def remove(path: str) -> Mistake:
    return lambda folder: (folder / path).unlink()


def add(path: str, text: str) -> Mistake:
    return lambda folder: (folder / path).write_text(text)


MISTAKES: dict[str, tuple[Mistake, str, str]] = {
    "a before that passes": (
        change("numbers[2]", "numbers[0]", BEFORE_PY),
        SNIPPETS,
        f"{BEFORE_PY} passes on SQLAlchemy 2.1: a before must fail; mend it or rename it after-….py",
    ),
    "a mark on the wrong line": (
        change("  # raises IndexError\n    print(number)", "\n    print(number)  # raises IndexError", BEFORE_PY),
        SNIPPETS,
        f"{BEFORE_PY} fails at line 4 on SQLAlchemy 2.1, but line 5 is marked: move the mark",
    ),
    "a mark with the wrong class": (
        change("IndexError", "KeyError", BEFORE_PY),
        SNIPPETS,
        f"{BEFORE_PY} raises IndexError on SQLAlchemy 2.1, not KeyError as line 4 is marked",
    ),
    "no mark": (
        change("  # raises IndexError", "", BEFORE_PY),
        SNIPPETS,
        f"{BEFORE_PY} has no mark: end the line that fails with `# raises ClassName` or `# warns Category: text`",
    ),
    "two marks": (
        change("print(number)", "print(number)  # raises IndexError", BEFORE_PY),
        SNIPPETS,
        f"{BEFORE_PY} has two marks, on lines 4 and 5: a snippet shows one mistake; remove one or split the file",
    ),
    "a warning that does not come": (
        change("numbers[2]  # raises IndexError", "numbers[0]  # warns RuntimeWarning: never awaited", BEFORE_PY),
        SNIPPETS,
        f"{BEFORE_PY} does not warn `RuntimeWarning: never awaited` on SQLAlchemy 2.1: line 4 says it would",
    ),
    "an after that raises": (
        change("numbers[1]", "numbers[2]", AFTER_PY),
        SNIPPETS,
        f"{AFTER_PY} must pass, but fails on SQLAlchemy 2.1: IndexError: list index out of range",
    ),
    "an after that warns": (
        change("print(number)", 'print(number)\n    import warnings; warnings.warn("old")', AFTER_PY),
        SNIPPETS,
        f"{AFTER_PY} must not warn, but prints on SQLAlchemy 2.1: ",
    ),
    "an after with a mark": (
        change("print(number)", "print(number)  # raises IndexError", AFTER_PY),
        SNIPPETS,
        f"{AFTER_PY} has a mark on line 5: only a before fails; remove the mark",
    ),
    "an after that prints nothing": (
        change("print(number)", "assert number", AFTER_PY),
        SNIPPETS,
        f"{AFTER_PY} prints nothing: print what it read, so that its recording proves something",
    ),
    "an entry without an after": (
        remove(AFTER_PY),
        SNIPPETS,
        "snippets/lazy-relationship has no after-….py: show at least one fix",
    ),
    "a snippet that hangs": (
        lambda folder: (
            change("numbers[1]", "numbers[1]\n    while True: pass", AFTER_PY)(folder),
            change("TIMEOUT = 30", "TIMEOUT = 1", "tests/runner.py")(folder),
        ),
        SNIPPETS,
        f"{AFTER_PY} hangs on SQLAlchemy 2.1: killed after 1 s; end its loops and threads",
    ),
    "a snippet that writes to the disk": (
        change("print(number)", 'print(number)\n    open("numbers.db", "w").close()', AFTER_PY),
        SNIPPETS,
        f"{AFTER_PY} left numbers.db on the disk: use the in-memory database or remove it",
    ),
    "a snippet that leaves a thread": (
        change(
            "print(number)",
            "print(number)\n    from threading import Event, Thread"
            '\n    Thread(target=Event().wait, name="waiter", daemon=True).start()',
            AFTER_PY,
        ),
        SNIPPETS,
        f"{AFTER_PY} leaves a thread running, waiter: dispose of its engine",
    ),
    "a snippet without its driver": (
        change("numbers = [1, 2]", "import oracledb\n    numbers = [1, 2]", AFTER_PY),
        SNIPPETS,
        f"{AFTER_PY} needs the module 'oracledb': add its package to requirements-snippets.in, then `make lock`",
    ),
    "a snippet that prints a path": (
        change("print(number)", "print(number, __file__[:-1])", AFTER_PY),
        SNIPPETS,
        f"{AFTER_PY} prints a path of this machine: ",
    ),
    "a section without its end": (
        change("    # --8<-- [end:example]\n", "", BEFORE_PY),
        SNIPPETS,
        f"{BEFORE_PY} needs one [start:example] and one [end:example]: the page shows what is between",
    ),
    "a section too wide for a phone": (
        change("numbers = [1, 2]", f"numbers = [1, 2{', 3' * 20}][:2]", BEFORE_PY),
        SNIPPETS,
        f"{BEFORE_PY} line 3 is 80 columns wide on the page: break it at 60",
    ),
    "a section too long for a phone": (
        change("numbers = [1, 2]\n", "numbers = [1, 2]\n" + "    numbers.sort()\n" * 20, BEFORE_PY),
        SNIPPETS,
        f"{BEFORE_PY} line 24 is marked, but not among the first 18 that the page shows: ",
    ),
    "a stale recording": (
        change("list index", "tuple index", RECORDED),
        SNIPPETS,
        f"{RECORDED} is stale: {BEFORE_PY} prints something else on SQLAlchemy 2.1; "
        "look at what changed, then `make record`",
    ),
    "a missing recording": (
        remove(RECORDED),
        SNIPPETS,
        f"{RECORDED} is missing: `make record` writes it",
    ),
    "a recording of no snippet": (
        add("snippets/lazy-relationship/recorded/2.1/after-second.txt", "2\n"),
        SNIPPETS,
        "snippets/lazy-relationship/recorded/2.1/after-second.txt has to go: no snippet prints it;",
    ),
    "a recording of an unknown series": (
        lambda folder: shutil.copytree((folder / RECORDED).parent, (folder / RECORDED).parents[1] / "1.3"),
        SNIPPETS,
        "snippets/lazy-relationship/recorded/1.3/after-first.txt has to go: no snippet prints it;",
    ),
    "a stale diff": (
        change("+    number", "+    numbers", "snippets/lazy-relationship/recorded/after-first.diff"),
        SNIPPETS,
        f"snippets/lazy-relationship/recorded/after-first.diff is stale: {AFTER_PY} or its before changed;",
    ),
    "a changed outcome": (
        change(f"{ROW},IndexError", f"{ROW},KeyError", OUTCOMES),
        SNIPPETS,
        f"{BEFORE_PY} on SQLAlchemy 2.1 with none: IndexError, but recorded is KeyError; "
        "look at what changed, then `make matrix`",
    ),
    "an after that fails with another driver": (
        change("numbers = [1, 2]", f'{ON_ANY_DRIVER}numbers = [1, 2] if "sqlite" in url else []', AFTER_PY),
        MATRIX,
        f"{AFTER_PY} must pass, but fails on SQLAlchemy 2.1 with asyncpg: IndexError: list index out of range",
    ),
    "a before that fails elsewhere with another driver": (
        change("numbers = [1, 2]", f'{ON_ANY_DRIVER}numbers = [1, 2] if "sqlite" in url else [][0]', BEFORE_PY),
        MATRIX,
        f"{BEFORE_PY} raises IndexError on SQLAlchemy 2.1 with asyncpg, but not at line 6: make it fail there",
    ),
    "a missing row": (
        change(f"{ROW},IndexError\n", "", OUTCOMES),
        MATRIX,
        f"{OUTCOMES}: the row {ROW} is missing; `make matrix`",
    ),
    "a row of no snippet": (
        change(ROW, ROW.replace("before", "befor"), OUTCOMES),
        MATRIX,
        f"{OUTCOMES}: the row {ROW.replace('before', 'befor')} has to go: no snippet is run so; `make matrix`",
    ),
    "a stale table": (
        change("IndexError", "KeyError", VERIFIED),
        MATRIX,
        f"{VERIFIED} is stale: the matrix says something else; look at what changed, then `make record`",
    ),
    "a missing Japanese page": (
        remove(JAPANESE),
        PAGES,
        f"{JAPANESE} is missing: write it, with its twin's ids, includes and links",
    ),
    "a page outside the navigation": (
        change("causes/lazy-relationship.md", "index.md", "mkdocs.yml", "mkdocs.ja.yml"),
        PAGES,
        f"{ENGLISH} is not in the nav of mkdocs.yml: add it there and to mkdocs.ja.yml",
    ),
    "navigations that differ": (
        change("nav:\n", "nav:\n  - index.md\n", "mkdocs.ja.yml"),
        PAGES,
        "mkdocs.ja.yml has other pages in its nav than mkdocs.yml: give both the same, in the same order",
    ),
    "an entry that the home page lacks": (
        change("(causes/lazy-relationship.md)", "(index.md)", ENGLISH_HOME, JAPANESE_HOME),
        PAGES,
        f"{ENGLISH_HOME} does not link to causes/lazy-relationship.md: add a row to a table there, and in its twin",
    ),
    "an entry without a page": (
        lambda folder: shutil.copytree(folder / "snippets/lazy-relationship", folder / "snippets/other"),
        PAGES,
        "snippets/other has no page: write docs/en/causes/other.md or docs/en/lookalikes/other.md",
    ),
    "a heading id that differs": (
        change("#why }", "#cause }", JAPANESE),
        PAGES,
        f"{JAPANESE} has other heading ids than {ENGLISH}: cause instead of why",
    ),
    "an answer of two sentences": (
        change("**Too far**", "**Too far. Go back.**", ENGLISH),
        PAGES,
        f"{ENGLISH}: say in one sentence in bold, below the title, what to change; it is copied for issues",
    ),
    "a heading without an id": (
        change(" { #why }", "", ENGLISH),
        PAGES,
        f"{ENGLISH}: give the heading `Too far` a permanent id: {{ #… }}",
    ),
    "a heading id used twice": (
        change("#why }", "#symptom }", ENGLISH, JAPANESE),
        PAGES,
        f"{ENGLISH}: the id symptom is used twice",
    ),
    "a title that differs from the heading": (
        change('title: "Too far"', 'title: "Too near"', ENGLISH),
        PAGES,
        f"{ENGLISH}: the title is `Too near`, but the first heading is `Too far`: make them the same",
    ),
    "a missing heading": (
        change("## Too far { #recognise }\n", "", ENGLISH),
        PAGES,
        f"{ENGLISH} lacks the heading with the id recognise: see a neighbouring page",
    ),
    "an include that differs": (
        change("before.py:example", "after-first.py:example", JAPANESE),
        PAGES,
        f"{JAPANESE} has other includes than {ENGLISH}: lazy-relationship/after-first.py:example instead of "
        "lazy-relationship/before.py:example",
    ),
    "an include of nothing": (
        change("before.py:example", "befor.py:example", ENGLISH, JAPANESE),
        PAGES,
        f"{ENGLISH} includes snippets/lazy-relationship/befor.py, which does not exist",
    ),
    "a stale hash": (
        change("Too far](#why)", "Too far, again](#why)", ENGLISH),
        PAGES,
        f"{JAPANESE} may be out of date: re-read it against {ENGLISH}, then set `translates: ",
    ),
    "a snippet on no page": (
        lambda folder: shutil.copy(folder / AFTER_PY, folder / AFTER_PY.replace("first", "second")),
        PAGES,
        "snippets/lazy-relationship/after-second.py is not shown by any page in en: "
        'include it with --8<-- "lazy-relationship/after-second.py", or delete it',
    ),
    "a recording on no page": (
        change("after-first.txt", "before.txt", ENGLISH, JAPANESE),
        PAGES,
        "snippets/lazy-relationship/recorded/2.0/after-first.txt is not shown by any page in en: ",
    ),
    "a highlight on the wrong line": (
        change('hl_lines="2"', 'hl_lines="1"', ENGLISH),
        PAGES,
        f'{ENGLISH}: the section of snippets/lazy-relationship/before.py:example needs hl_lines="2", not 1',
    ),
    "a dead link": (
        change("(#why)", "(wy.md)", ENGLISH),
        PAGES,
        f"{ENGLISH} links to wy.md, which does not exist",
    ),
    "a dead anchor": (
        change("(#why)", "(#wy)", ENGLISH),
        PAGES,
        f"{ENGLISH} links to #wy, but {ENGLISH} has no heading with that id",
    ),
    "an image from another host": (
        change("[Too far](#why)", "![far](https://127.0.0.2/far.png)", ENGLISH),
        PAGES,
        f"{ENGLISH} loads something from another host: `![far](https://…`; put the file into docs/ and link to it",
    ),
    "front matter that is no YAML": (
        change('title: "Too far"', 'title: "Too" far', ENGLISH),
        PAGES,
        f"{ENGLISH} has no front matter that is valid YAML: begin with ---, title, description, ---; quote values",
    ),
    "a broken line in Japanese": (
        change("[範囲外](#why)", "範囲の\n外", JAPANESE),
        PAGES,
        f"{JAPANESE}: write a paragraph as one line, a line break shows as a space: `…範囲の`",
    ),
}


def test_the_tiny_project_has_no_mistake(tiny):
    done = run_tests(tiny, SNIPPETS, MATRIX, PAGES)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_turns_the_run_red_and_says_what_to_do(tiny, tmp_path, mistake):
    mutate, tests, message = MISTAKES[mistake]
    folder = shutil.copytree(tiny, tmp_path / "project", symlinks=True)
    mutate(folder)
    series = ("--series", "2.1") if tests in (SNIPPETS, MATRIX) else ()
    done = run_tests(folder, *series, tests)
    assert done.returncode == 1, done.stdout
    assert any(line.startswith(message) for line in done.stdout.splitlines()), done.stdout


def test_a_wrong_snippet_is_not_recorded(tiny, tmp_path):
    folder = shutil.copytree(tiny, tmp_path / "project", symlinks=True)
    change("numbers[2]", "numbers[0]", BEFORE_PY)(folder)
    assert run_tests(folder, "--record", SNIPPETS).returncode == 1
    assert (folder / RECORDED).read_text() == (tiny / RECORDED).read_text()


FAULTS: dict[str, tuple[Mistake, str]] = {
    "PostgreSQL is killed": (
        change(
            "yield self._server.get_uri",
            "self._server.get_postmaster_info().process.kill()\n            yield self._server.get_uri",
            "tests/servers.py",
        ),
        "PostgreSQL stopped in the middle of the run: ",
    ),
    "a data folder is left over": (
        change(
            'folder = Path(data_folder(), f"guide-{run}")',
            'folder = Path(data_folder(), f"guide-{run}")\n        (folder / "base").mkdir(parents=True)',
            "tests/servers.py",
        ),
        "PostgreSQL does not start: initdb failed; ",
    ),
    "the port is taken": (
        change(
            "port = _free_port()",
            'taken = stack.enter_context(socket.create_server(("127.0.0.1", 0)))\n    port = taken.getsockname()[1]',
            "tests/servers.py",
        ),
        "ERROR: MariaDB does not start: Can't start server: Bind on TCP/IP port. Got error: 98: Address already in use",
    ),
    "the temporary folder is full": (
        change("FEW_BYTES = 1_000_000", "FEW_BYTES = 1 << 60", "tests/conftest.py"),
        f"{tempfile.gettempdir()} is full",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_machine_is_named_and_nothing_is_recorded(tiny, tmp_path, fault):
    mutate, message = FAULTS[fault]
    with_mariadb = ["--mariadb"] if "MariaDB" in message else []
    if with_mariadb and not has_mariadb():
        pytest.skip("no MariaDB on this machine")
    folder = shutil.copytree(tiny, tmp_path / "project", symlinks=True)
    change("numbers =", ON_ANY_DRIVER.replace("sqlite+aiosqlite", "postgresql+asyncpg") + "numbers =", AFTER_PY)(folder)
    change(f"{ROW},IndexError", f"{ROW},KeyError", OUTCOMES)(folder)
    mutate(folder)
    before = (folder / OUTCOMES).read_text()
    done = run_tests(folder, "--record", *with_mariadb, SNIPPETS)
    assert done.returncode != 0
    assert any(line.startswith(message) for line in (done.stdout + done.stderr).splitlines()), done.stdout + done.stderr
    assert (folder / OUTCOMES).read_text() == before


@pytest.mark.parametrize(("environ", "status"), [({}, 0), ({"CI": "true"}, 4)])
def test_without_mariadb_its_rows_stay_but_ci_fails(tiny, tmp_path, environ, status):
    folder = shutil.copytree(tiny, tmp_path / "project", symlinks=True)
    change('"mariadbd"', '"no-mariadbd"', "tests/servers.py")(folder)
    done = run_tests(folder, "--mariadb", "--record", SNIPPETS, MATRIX, **environ)
    assert done.returncode == status, done.stdout
    assert "no MariaDB on this machine: install Debian's package mariadb-server" in done.stdout + done.stderr
    assert (folder / OUTCOMES).read_text() == (tiny / OUTCOMES).read_text()


def test_an_unknown_series_is_named(tiny):
    done = run_tests(tiny, "--series", "1.3", SNIPPETS)
    assert done.returncode == 4
    assert "ERROR: unknown SQLAlchemy series 1.3: choose 2.0 or 2.1" in done.stderr.splitlines()


def test_a_series_that_is_not_installed_says_what_to_do(tiny, tmp_path):
    folder = shutil.copytree(tiny, tmp_path / "project", symlinks=True)
    (folder / ".series").unlink()
    done = run_tests(folder, SNIPPETS)
    assert done.returncode == 1
    assert f"{BEFORE_PY}: SQLAlchemy 2.0 is not installed: run `make test`, which does it" in done.stdout.splitlines()


@pytest.mark.parametrize(("environ", "status"), [({}, 0), ({"CI": "true"}, 1)])
def test_without_chromium_browser_tests_are_skipped_but_fail_in_ci(tiny, environ, status):
    done = run_tests(tiny, "-k", "quiet", "tests/test_browser.py", PATH="", **environ)
    assert done.returncode == status, done.stdout
    assert "no Chromium on this machine: install Debian's package chromium, or Google Chrome" in done.stdout


def make_new(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "new.py", *arguments], cwd=folder, capture_output=True, text=True)


BEGUN = (
    "snippets/too-late/before.py has no mark: ",
    "snippets/too-late/after-earlier.py prints nothing: ",
    "mkdocs.yml line 4: a title of a few words; move the line to the group where it belongs, as in the other language",
    "mkdocs.ja.yml line 4: 数語の題名を書き、",
    "docs/en/index.md line 13: what the reader sees",
    "docs/ja/index.md line 14: 原因を数語で書きます。",
    "docs/ja/index.md may be out of date: re-read it against docs/en/index.md, then set `translates: ",
    "docs/en/causes/too-late.md line 2: say what the reader did, ",
    "docs/en/causes/too-late.md line 9: say in one sentence what to change.",
    "docs/en/causes/too-late.md includes snippets/too-late/recorded/2.1/before.txt, which does not exist; `make",
    "docs/ja/causes/too-late.md line 9: 失敗する理由を1文で書きます。",
    "docs/ja/causes/too-late.md may be out of date: re-read it against docs/en/causes/too-late.md, then set ",
)


def test_a_begun_entry_fails_until_it_is_written_and_says_what_to_write(tiny, tmp_path):
    folder = shutil.copytree(tiny, tmp_path / "project", symlinks=True)
    done = make_new(folder, "too-late", "causes", "earlier")
    assert done.returncode == 0, done.stderr
    said = run_tests(folder, SNIPPETS, PAGES).stdout
    for message in BEGUN:
        assert any(line.startswith(message) for line in said.splitlines()), f"{message} is not in {said}"
    assert "lacks the heading" not in said
    assert "is not in the nav" not in said
    assert "has other" not in said


REFUSED = {
    "no slug": (("", "causes", "fix"), "make new: slug is missing: "),
    "no kebab-case": (("Too_late", "causes", "fix"), "make new: slug=Too_late is not kebab-case: "),
    "no ASCII": (("遅延", "causes", "fix"), "make new: slug=遅延 is not kebab-case: "),
    "a way out": (("../late", "causes", "fix"), "make new: slug=../late is not kebab-case: "),
    "a fix in capitals": (("too-late", "causes", "Fix"), "make new: fix=Fix is not kebab-case: "),
    "an unknown folder": (("too-late", "errors", "fix"), "make new: folder=errors does not exist: choose causes or "),
    "a slug that is taken": (
        ("lazy-relationship", "lookalikes", "fix"),
        "make new: slug=lazy-relationship is taken by snippets/lazy-relationship: choose another",
    ),
    "a former slug": (
        ("once-late", "causes", "fix"),
        "make new: slug=once-late leads to causes/lazy-relationship, by redirects.txt: choose another",
    ),
}


def sources(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if "__pycache__" not in file.parts)


@pytest.mark.parametrize("reason", REFUSED)
def test_what_cannot_be_begun_is_refused_in_one_line_and_leaves_nothing(tiny, tmp_path, reason):
    arguments, message = REFUSED[reason]
    folder = shutil.copytree(tiny, tmp_path / "project", symlinks=True)
    files = sources(folder)
    done = make_new(folder, *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1
    assert sources(folder) == files
