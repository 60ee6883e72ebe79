"""Whatever is installed or run is pinned, so that a run of today can be had again."""

import json
import re
from pathlib import Path

import pytest

from guide.matrix import recorded_versions, versions_file
from guide.newest import newest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted([ROOT / "requirements.txt", *(ROOT / "requirements").glob("*.txt")])
PINNED = re.compile(r"[\w.-]+==[\w.]+(?: ; [^#]+?)?(?: +--hash=sha256:[0-9a-f]{64})+")
PACKAGE = re.compile(r"^[\w.-]+", re.MULTILINE)
EXACT = re.compile(r"\d+(?:\.\d+)*")
USES = re.compile(r"\buses: *(?P<action>\S+)")
COMMIT = re.compile(r"[\w./-]+@[0-9a-f]{40}")


def packages(requirements: str) -> set[str]:
    """The packages that a file of requirements names, spelt as the package index does."""
    return {re.sub(r"[._-]+", "-", package).lower() for package in PACKAGE.findall(requirements) if package[0] != "-"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_requirement_is_pinned_and_has_its_hashes(lock):
    for line in lock.read_text().replace("\\\n", "").splitlines():
        if line.strip() and not line.lstrip().startswith("#") and not PINNED.fullmatch(line):
            pytest.fail(
                f"{lock.name}: {line.partition(' ')[0]} is not pinned with its hashes; "
                f"only `make lock` writes this file, from {lock.with_suffix('.in').name}",
                pytrace=False,
            )


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_everything_that_is_asked_for_is_locked(lock):
    source = lock.with_suffix(".in")
    for package in sorted(packages(source.read_text()) - packages(lock.read_text())):
        pytest.fail(f"{lock.name} lacks {package}, which {source.name} asks for: `make lock`", pytrace=False)


def test_every_package_from_npm_is_pinned():
    for package, version in json.loads((ROOT / "package.json").read_text())["devDependencies"].items():
        if not EXACT.fullmatch(version):
            pytest.fail(
                f"package.json: {package} {version} is no exact version: pin it, then `npm install`", pytrace=False
            )
    for path, package in json.loads((ROOT / "package-lock.json").read_text())["packages"].items():
        if path and "integrity" not in package:
            pytest.fail(f"package-lock.json: {path} has no hash: delete the file, then `npm install`", pytrace=False)


@pytest.mark.parametrize(
    "workflow", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=lambda workflow: workflow.stem
)
def test_every_action_is_pinned_by_its_commit(workflow):
    for found in USES.finditer(workflow.read_text()):
        if not COMMIT.fullmatch(found["action"]):
            pytest.fail(
                f"{workflow.name}: {found['action']} can change: name its commit, all 40 digits, the tag as a comment",
                pytrace=False,
            )


def test_the_newest_releases_are_those_of_their_own_series(project):
    """A beta of the next series doesn't belong to this one."""
    for series in project.series:
        for environment in (series, f"{series}-without-greenlet", f"{series}-without-drivers"):
            requirements = newest(project, environment)
            assert f"SQLAlchemy=={series}.*" in requirements
            assert not [one for one in requirements if one.startswith("sqlalchemy") or ">" in one]


def test_the_recorded_versions_are_the_pinned_ones(project):
    recorded, file = recorded_versions(project), versions_file(project).name
    for lock in LOCKS[1:]:
        for package, pinned in re.findall(r"^([\w-]+)==(\S+)", lock.read_text(), re.MULTILINE):
            there = recorded.get(f"SQLAlchemy {lock.stem}" if package == "sqlalchemy" else package, pinned)
            assert there == pinned, f"{file} has {package} {there}, {pinned} is pinned: `make matrix`"
