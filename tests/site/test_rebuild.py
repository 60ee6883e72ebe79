"""The site of one commit is always the same."""

import os
from hashlib import sha256
from pathlib import Path

import pytest

from guide.site.building import build, copy_sources
from guide.site.folder import Site


def digests(site: Path) -> dict[str, str]:
    files = (path for path in site.rglob("*") if path.is_file())
    return {path.relative_to(site).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.builders
def test_two_builds_of_the_same_sources_are_the_same_to_the_byte(site, tmp_path):
    (tmp_path / "sources").mkdir()
    project = copy_sources(site.project, tmp_path / "sources")
    for path in project.root.rglob("*"):
        os.utime(path, (0, 0))
    again = Site(project, tmp_path / "site", site.url)
    build(again)
    assert digests(again.folder) == digests(site.folder)
