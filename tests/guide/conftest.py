"""The tiny project, and pytest run on it as a contributor would."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from guide.project import Project
from tests.guide.tiny import set_hashes, tiny

TESTS = Path(__file__).parents[1]
Done = subprocess.CompletedProcess


def run_pytest(project: Project, *arguments: str, **environ: str) -> Done:
    """Run tests of this folder on another project, without this run's own settings."""
    own = ("PYTEST", "PYTHONDONTWRITEBYTECODE", "CI", "MARIADB")
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(own)}
    paths = [str(TESTS / argument) if argument.endswith((".py", "/")) else argument for argument in arguments]
    plugins = ["-p", "guide.plugin", "-p", "no:cacheprovider", "-p", "no:playwright", "-p", "no:hypothesispytest"]
    config = ["-c", str(project.root / "pyproject.toml"), "--rootdir", str(project.root)]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--noconftest", *plugins, *config, *paths],
        cwd=project.root,
        env=inherited | {"COLUMNS": "300", "PYTHONPATH": str(TESTS.parent), "PYTHONDONTWRITEBYTECODE": "1", **environ},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="session")
def recorded_tiny(project: Project, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Project:
    """The tiny project with everything recorded, made once per run."""
    shared = tmp_path_factory.getbasetemp()
    folder = (shared if worker_id == "master" else shared.parent) / "tiny"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            folder.mkdir()
            made = tiny(project, folder)
            done = run_pytest(made, "--record", "snippets/")
            assert done.returncode == 0, done.stdout + done.stderr
            set_hashes(made)
    return Project(folder)


@pytest.fixture
def a_tiny_project(recorded_tiny: Project, tmp_path: Path) -> Project:
    """One to make a mistake in."""
    return Project(shutil.copytree(recorded_tiny.root, tmp_path / "project", symlinks=True))


@pytest.fixture
def run_tests_on() -> Callable[..., Done]:
    """A function from a project and arguments of pytest to what the run said."""
    return run_pytest
