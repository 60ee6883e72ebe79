"""What the programs of a folder run may be a project with folders of its own: its files are published with them."""

from zipfile import ZipFile

import pytest

from guide import kept
from guide.addresses import PLACEHOLDER
from guide.project import Project
from guide.reproducing import reproductions
from guide.site import programs
from guide.site.folder import DEFAULT_URL, Site
from guide.snippets import Snippet
from tests.guide.tiny import BEFORE_PY, write

NESTED = "project/app/models.py"


@pytest.fixture
def with_a_project(a_tiny_project) -> Project:
    """A tiny project whose entry has a file two folders down, and what tools left beside it."""
    for path in (NESTED, "project/app/__init__.py", "project/app/__pycache__/models.pyc", "project/.cache/kept"):
        write(a_tiny_project.root, f"snippets/too-far/{path}", "")
    return a_tiny_project


def test_each_file_of_a_project_is_published_and_in_the_archive(with_a_project, tmp_path):
    programs.write(Site.at(with_a_project, tmp_path / "site", DEFAULT_URL))
    folder = tmp_path / "site" / "code" / "too-far"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    own = {"before.py", "after-first.py", "facts.py", "project/app/__init__.py", NESTED}
    assert files == own | {"recorded/facts.txt", "too-far.zip"}
    with ZipFile(folder / "too-far.zip") as archive:
        assert set(archive.namelist()) == {f"too-far/{path}" for path in own}
    assert (tmp_path / "site" / "code" / "once-late" / "once-late.zip").exists()


def test_a_folder_without_a_project_has_no_archive(a_tiny_project, tmp_path):
    programs.write(Site.at(a_tiny_project, tmp_path / "site", DEFAULT_URL))
    assert not list((tmp_path / "site").rglob("*.zip"))


def test_a_project_is_reproduced_from_its_archive(with_a_project):
    path = with_a_project.snippets / "too-far" / "recorded" / "reproduce.en.md"
    text = reproductions(with_a_project)[path]
    assert f"curl -O {PLACEHOLDER}code/too-far/too-far.zip\n" in text
    assert "python -m zipfile -e too-far.zip .\n" in text
    assert "uv run too-far/before.py\n" in text
    assert f"[{NESTED}](code:too-far/{NESTED})" in text
    assert "__pycache__" not in text
    assert "cache/kept" not in text


def test_a_change_of_a_nested_file_makes_another_run(with_a_project):
    snippet = Snippet(with_a_project, with_a_project.root / BEFORE_PY)
    series = with_a_project.series[-1]
    key = kept.run_key(snippet, series, "none", "")
    write(with_a_project.root, f"snippets/too-far/{NESTED}", "changed = True\n")
    kept._folder.cache_clear()
    assert kept.run_key(snippet, series, "none", "") != key
