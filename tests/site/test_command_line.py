"""What the paste box answers, Node answers too."""

import os
import shutil
import subprocess
from zipfile import ZipFile

import pytest

RECORDING = "lazy-relationship/recorded/2.1/before.whole.txt"


def run(site, folder, text: str) -> subprocess.CompletedProcess[str]:
    """Run the published archive as its page says."""
    node = shutil.which("node")
    if not node and not os.environ.get("CI"):
        pytest.skip("Node is not installed")
    ZipFile(site.folder / "diagnose.zip").extractall(folder)
    command = [str(node), "diagnose/diagnose.mjs"]
    return subprocess.run(command, cwd=folder, input=text, capture_output=True, text=True, check=False)


def test_a_traceback_is_answered_with_node_alone(site, tmp_path):
    done = run(site, tmp_path, (site.project.snippets / RECORDING).read_text())
    assert (done.returncode, done.stderr) == (0, "")
    state, line, *_ = done.stdout.splitlines()
    assert (state, line) == (
        "found",
        "Your line: before.py, 50, main: name = user.organization.name  # raises MissingGreenlet",
    )
    assert done.stdout.index("/e/lazy-relationship/") < done.stdout.index("/e/new-object-relationship/")


def test_another_error_is_unknown(site, tmp_path):
    done = run(site, tmp_path, "KeyError: 'queue'")
    assert (done.returncode, done.stdout, done.stderr) == (1, "unknown\n", "")
