"""Whatever is installed or run is pinned, so that a run of today can be had again."""

import json
import re

import pytest

from project import ROOT, name

PINNED = re.compile(r"[\w.-]+==[\w.]+(?: ; [^#]+?)?(?: +--hash=sha256:[0-9a-f]{64})+")
PACKAGE = re.compile(r"^[\w.-]+", re.MULTILINE)
EXACT = re.compile(r"\d+(?:\.\d+)*")
USES = re.compile(r"\buses: *(?P<action>\S+)")
COMMIT = re.compile(r"[\w./-]+@[0-9a-f]{40}")


def packages(requirements: str) -> set[str]:
    """The packages that a file of requirements names, spelt as the package index does."""
    return {re.sub(r"[._-]+", "-", package).lower() for package in PACKAGE.findall(requirements) if package[0] != "-"}


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements*.txt")), ids=name)
def test_every_requirement_is_pinned_and_has_its_hashes(lock):
    for line in lock.read_text().replace("\\\n", "").splitlines():
        if line.strip() and not line.lstrip().startswith("#") and not PINNED.fullmatch(line):
            pytest.fail(
                f"{name(lock)}: {line.partition(' ')[0]} is not pinned with its hashes; "
                f"only `make lock` writes this file, from {name(lock.with_suffix('.in'))}",
                pytrace=False,
            )


@pytest.mark.parametrize("source", sorted(ROOT.glob("requirements*.in")), ids=name)
def test_everything_that_is_asked_for_is_locked(source):
    lock = source.with_suffix(".txt")
    for package in sorted(packages(source.read_text()) - packages(lock.read_text())):
        pytest.fail(f"{name(lock)} lacks {package}, which {name(source)} asks for: `make lock`", pytrace=False)


def test_every_package_from_npm_is_pinned():
    for package, version in json.loads((ROOT / "package.json").read_text())["devDependencies"].items():
        if not EXACT.fullmatch(version):
            pytest.fail(
                f"package.json: {package} {version} is no exact version: pin it, then `npm install`", pytrace=False
            )
    for path, package in json.loads((ROOT / "package-lock.json").read_text())["packages"].items():
        if path and "integrity" not in package:
            pytest.fail(f"package-lock.json: {path} has no hash: delete the file, then `npm install`", pytrace=False)


@pytest.mark.parametrize("workflow", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=name)
def test_every_action_is_pinned_by_its_commit(workflow):
    for found in USES.finditer(workflow.read_text()):
        if not COMMIT.fullmatch(found["action"]):
            pytest.fail(
                f"{name(workflow)}: {found['action']} can change: name its commit, all 40 digits, the tag as a comment",
                pytrace=False,
            )
