"""The site of one commit is always the same, and a renamed entry can still be reached by its old addresses."""

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from project import FOLDERS, LANGUAGES, ROOT
from published import gone, published, recorded
from site_builder import BuiltPage, build_with_mkdocs, built_pages, copy_sources, served

OLD, NEW = "causes/identity-map", "causes/held-by-the-session"


def digests(site: Path) -> dict[str, str]:
    files = (path for path in site.rglob("*") if path.is_file())
    return {path.relative_to(site).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files}


def rename(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "rename.py", *arguments], cwd=folder, capture_output=True, text=True)


@pytest.fixture
def sources(tmp_path) -> Path:
    """A copy of the project, in which each file is as old as the epoch."""
    folder = tmp_path / "sources"
    folder.mkdir()
    copy_sources(folder)
    shutil.copy(ROOT / "rename.py", folder)
    for path in folder.rglob("*"):
        os.utime(path, (0, 0))
    return folder


def test_two_builds_of_the_same_sources_are_the_same_to_the_byte(sources, tmp_path):
    build_with_mkdocs(tmp_path / "here")
    build_with_mkdocs(tmp_path / "there", sources)
    assert digests(tmp_path / "here") == digests(tmp_path / "there")


def test_a_renamed_entry_is_reached_by_all_its_old_addresses(sources, tmp_path, browser: Browser):
    done = rename(sources, "identity-map", "held-by-the-session")
    assert done.returncode == 0, done.stderr
    assert f"{OLD} {NEW}\n" in (sources / "redirects.txt").read_text()
    site = tmp_path / "site"
    build_with_mkdocs(site, sources)
    pages = built_pages(site)
    assert list(gone(recorded(), published(site, pages), pages)) == []
    assert BuiltPage(site, site / "ja" / OLD / "index.html").language == "ja"
    context = browser.new_context(locale="ja-JP")
    page = context.new_page()
    with served(site) as address:
        for language in LANGUAGES:
            page.goto(f"{address}{FOLDERS[language]}{OLD}/#fixes")
            expect(page).to_have_url(f"{address}{FOLDERS[language]}{NEW}/#fixes")
        page.goto(f"{address}e/identity-map/")
        expect(page).to_have_url(f"{address}ja/{NEW}/")
    context.close()
    done = rename(sources, "bulk-update", "identity-map")
    assert done.stderr == f"make rename: to=identity-map leads to {NEW}, by redirects.txt: choose another\n"
    done = rename(sources, "held-by-the-session", "identity-map")
    assert done.returncode == 0, done.stderr
    assert (sources / "redirects.txt").read_text() == (ROOT / "redirects.txt").read_text() + f"{NEW} {OLD}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("", "later"), "make rename: from= is no entry: "),
        (("no-such-entry", "later-on"), "make rename: from=no-such-entry is no entry: "),
        (("lazy-relationship", "Later"), "make rename: to=Later is not kebab-case: "),
        (("lazy-relationship", "bulk-update"), "make rename: to=bulk-update is taken by snippets/bulk-update: "),
    ],
)
def test_what_cannot_be_renamed_is_refused_in_one_line(arguments, message):
    done = rename(ROOT, *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1
