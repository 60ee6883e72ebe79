"""Each command answers bad input with one line and changes nothing; the Makefile hands on what it is given as it is."""

import ast
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from guide.site.folder import Site

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, cwd: Path = ROOT, **environ: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "guide", *arguments]
    own = {"PYTHONPATH": str(ROOT), **environ}
    return subprocess.run(command, cwd=cwd, env=os.environ | own, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("build",), "Missing argument 'FOLDER'."),
        (("complete",), "Missing argument 'FOLDER'."),
        (("complete", "nowhere"), "nowhere isn't a built site: build it first"),
        (("build", "kept"), "kept isn't a built site, and would be replaced: choose another folder"),
        (("new", "too-late"), "Missing argument 'FOLDER'."),
        (
            ("new", "Too_late", "causes", "fix"),
            "slug=Too_late is not kebab-case: lower-case ASCII words joined by hyphens",
        ),
        (("rename", "nowhere", "elsewhere"), "from=nowhere isn't an entry: choose a folder in snippets/ with a page"),
        (("mend",), "No such command 'mend'."),
    ],
)
def test_bad_input_is_answered_in_one_line_and_changes_nothing(tmp_path, arguments, message):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    done = run(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, f"{message}\n")
    assert [path.name for path in tmp_path.rglob("*")] == ["kept", "file"]


def test_an_address_that_is_none_is_refused(tmp_path):
    done = run("build", "site", cwd=tmp_path, SITE_URL="example.org")
    message = "SITE_URL=example.org isn't an address: it has to begin with http:// or https://\n"
    assert (done.returncode, done.stderr) == (1, message)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("url", ["https://example.org/x", "https://example.org/x/", "https://example.org/x//"])
def test_the_last_slash_of_the_address_does_not_matter(project, tmp_path, url):
    assert Site.at(project, tmp_path, url).url == "https://example.org/x/"


@pytest.mark.parametrize("target", ["record", "matrix", "test", "new"])
def test_no_shell_reads_a_slug(target):
    if not shutil.which("make"):
        pytest.skip("no make on this machine")
    done = subprocess.run(["make", "-n", target, "slug=x; touch y"], cwd=ROOT, capture_output=True, text=True)
    assert '"$slug"' in done.stdout
    assert "touch y" not in done.stdout


def test_all_that_is_imported_is_declared():
    asked = {re.split(r"[\[ ]", line)[0] for line in (ROOT / "requirements.in").read_text().splitlines()}
    declared = {re.sub(r"[._-]+", "-", name).lower() for name in asked}
    distributions = packages_distributions()
    for path in (path for folder in ("guide", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            for package in {name.partition(".")[0] for name in names} & distributions.keys():
                ours = {re.sub(r"[._-]+", "-", name).lower() for name in distributions[package]}
                assert ours & declared, f"{path.name} imports {package}, which requirements.in does not name"


def test_the_weekly_issue_is_opened_once():
    """Each further week changes the one that is open."""
    workflow = (ROOT / ".github/workflows/weekly.yml").read_text()
    assert (
        workflow.index("gh issue list --state open")
        < workflow.index("gh issue edit")
        < workflow.index("gh issue create")
    )


def test_an_unknown_series_and_an_unknown_entry_are_named(a_tiny_project, run_tests_on):
    done = run_tests_on(a_tiny_project, "--series", "1.3", "snippets/")
    assert done.returncode == 4
    assert "ERROR: unknown SQLAlchemy series 1.3: choose 2.0 or 2.1" in done.stderr.splitlines()
    done = run_tests_on(a_tiny_project, "--slug", "nowhere", "snippets/")
    assert done.returncode == 4
    message = "ERROR: slug=nowhere isn't a folder in snippets/: choose one, or begin it with `make new`"
    assert message in done.stderr.splitlines()


def test_a_series_that_is_not_installed_says_what_to_do(a_tiny_project, run_tests_on):
    (a_tiny_project.root / ".series").unlink()
    done = run_tests_on(a_tiny_project, "--series", "2.0", "snippets/test_snippets.py")
    assert done.returncode == 1
    assert "SQLAlchemy 2.0 is not installed: run `make test`, which installs it" in done.stdout


@pytest.mark.parametrize(("environ", "status"), [({"CI": ""}, 0), ({"CI": "true"}, 1)])
def test_without_chromium_browser_tests_are_skipped_but_fail_in_ci(tmp_path, environ, status):
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "tests/site/test_browser.py",
        "-k",
        "quiet",
    ]
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    own = {"PATH": str(tmp_path), "COLUMNS": "300", **environ}
    done = subprocess.run(command, cwd=ROOT, env=inherited | own, capture_output=True, text=True)
    assert done.returncode == status, done.stdout
    message = "no Chromium on this machine: install Debian's package chromium-headless-shell, or Google Chrome"
    assert message in done.stdout
