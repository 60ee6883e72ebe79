"""An entry is begun and renamed in all files or in none, and a command that can't be done is refused in one line."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from guide.beginning import begin
from guide.checks import problems, project_problems
from guide.generated import left_over, stale
from guide.pages import Page, all_pages
from guide.project import Project
from guide.renaming import rename, renamed
from guide.site.building import build
from guide.site.built import built_pages
from guide.site.folder import Site
from guide.site.hosting import served
from guide.site.published import gone, published
from guide.slugs import Refused
from tests.guide.tiny import change

BEGUN = (
    "mkdocs.yml line {nav}: a title of a few words; move the line to the group where it belongs, ",
    "mkdocs.ja.yml line {nav_ja}: 数語のタイトルを書き、",
    "docs/en/causes/too-late.md line 2: say what the reader did, ",
    "docs/en/causes/too-late.md line 4: what the reader sees",
    "docs/en/causes/too-late.md line 13: say in one sentence what to change.",
    "docs/en/causes/too-late.md includes snippets/too-late/recorded/before.en.md, which does not exist; `make",
    "docs/ja/causes/too-late.md line 13: 失敗する理由を1文で書きます。",
    "docs/ja/causes/too-late.md may be out of date: re-read it against docs/en/causes/too-late.md, then set ",
)


def found_in(project: Project) -> list[str]:
    pages = [page for language in project.languages for page in all_pages(project, language)]
    return [*(line for page in pages for line in problems(page)), *project_problems(project)]


def files(project: Project) -> dict[Path, str]:
    paths = (path for path in sorted(project.root.rglob("*")) if path.is_file())
    own = (path for path in paths if not {".series", ".cache", "__pycache__"} & set(path.parts))
    return {path.relative_to(project.root): path.read_text() for path in own}


def line_of(text: str, path: Path) -> int:
    """The number of the first line with a text."""
    return 1 + path.read_text().partition(text)[0].count("\n")


def test_a_begun_entry_fails_until_it_is_written_and_says_what_to_write(a_tiny_project, run_tests_on):
    said = begin(a_tiny_project, "too-late", "causes", "earlier")
    assert "make record slug=too-late" in said
    project = Project(a_tiny_project.root)
    found = found_in(project)
    nav, nav_ja = (line_of("TODO", project.config(language)) for language in project.languages)
    for message in (message.format(nav=nav, nav_ja=nav_ja) for message in BEGUN):
        assert any(line.startswith(message) for line in found), f"{message} is not in {found}"
    assert not [line for line in found if "lacks" in line or "is not in the nav" in line or "has other" in line]
    done = run_tests_on(project, "--slug", "too-late", "--series", "2.1", "snippets/")
    for message in ("snippets/too-late/before.py has no mark: ", "snippets/too-late/after-earlier.py prints nothing: "):
        assert any(line.startswith(message) for line in done.stdout.splitlines()), done.stdout
    assert "too-far/" not in done.stdout


@pytest.mark.parametrize(
    ("slug", "folder", "fix", "message"),
    [
        ("", "causes", "fix", "slug is missing: add slug=…"),
        ("Too_late", "causes", "fix", "slug=Too_late is not kebab-case: "),
        ("遅延", "causes", "fix", "slug=遅延 is not kebab-case: "),
        ("../late", "causes", "fix", "slug=../late is not kebab-case: "),
        ("too-late", "causes", "Fix", "fix=Fix is not kebab-case: "),
        ("too-late", "errors", "fix", "folder=errors does not exist: choose causes or lookalikes"),
        ("too-far", "lookalikes", "fix", "slug=too-far is taken by snippets/too-far: choose another"),
        ("once-late", "causes", "fix", "slug=once-late leads to causes/too-far, by redirects.txt: choose another"),
    ],
)
def test_what_cannot_be_begun_is_refused_and_leaves_nothing(a_tiny_project, slug, folder, fix, message):
    before = files(a_tiny_project)
    with pytest.raises(Refused, match=f"^{re.escape(message)}") as refused:
        begin(a_tiny_project, slug, folder, fix)
    assert "\n" not in str(refused.value)
    assert files(a_tiny_project) == before


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("", "later", "from is missing: add from=…"),
        ("no-such-entry", "later-on", "from=no-such-entry isn't an entry: "),
        ("too-far", "Later", "to=Later is not kebab-case: "),
        ("too-far", "too-far", "to=too-far is taken by snippets/too-far: "),
    ],
)
def test_what_cannot_be_renamed_is_refused_and_leaves_nothing(a_tiny_project, old, new, message):
    before = files(a_tiny_project)
    with pytest.raises(Refused, match=f"^{re.escape(message)}") as refused:
        rename(a_tiny_project, old, new)
    assert "\n" not in str(refused.value)
    assert files(a_tiny_project) == before


@pytest.mark.parametrize("new", ["out-of-range", "timeout"])
def test_a_renamed_entry_is_whole_and_can_be_renamed_back(a_tiny_project, new):
    before = files(a_tiny_project)
    rename(a_tiny_project, "too-far", new)
    project = Project(a_tiny_project.root)
    assert [*found_in(project), *stale(project), *left_over(project)] == []
    assert (
        project.root / "redirects.txt"
    ).read_text() == f"causes/once-late causes/{new}\ncauses/too-far causes/{new}\n"
    assert [str(path) for path, text in files(project).items() if "too-far" in text] == ["redirects.txt"]
    rename(project, new, "too-far")
    after = files(Project(a_tiny_project.root))
    assert after.pop(Path("redirects.txt")) == f"causes/once-late causes/too-far\ncauses/{new} causes/too-far\n"
    assert {**after, Path("redirects.txt"): before[Path("redirects.txt")]} == before


def test_caches_do_not_hinder_a_rename(a_tiny_project):
    for cache in (".ruff_cache/0", "too-far/__pycache__/before.pyc"):
        path = a_tiny_project.snippets / cache
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"\x94\xff")
    rename(a_tiny_project, "too-far", "out-of-range")
    rename(Project(a_tiny_project.root), "out-of-range", "too-far")
    assert (a_tiny_project.snippets / "too-far/before.py").exists()
    assert not (a_tiny_project.snippets / "out-of-range").exists()


def test_a_hash_of_digits_alone_is_a_hash(a_tiny_project):
    page = a_tiny_project.docs / "ja/causes/too-far.md"
    change(r"translates: \w+", "translates: 436468117636", page)
    assert Page(a_tiny_project, page).translates == "436468117636"


def test_the_name_of_one_word_is_renamed_where_it_names_the_entry():
    text = (
        "The timeout, `timeout=3`, [timeout](timeout.md#timeout): https://example.org/timeout/ causes/timeout #timeout"
    )
    assert renamed(text, "timeout", "late") == (
        "The timeout, `timeout=3`, [timeout](late.md#timeout): https://example.org/timeout/ causes/late #timeout"
    )


def test_a_write_error_while_renaming_leaves_everything_as_it_was(a_tiny_project):
    """There is a folder where the page would have to be written."""
    (a_tiny_project.root / "docs/ja/causes/later-on.md.new").mkdir()
    before = files(a_tiny_project)
    for _ in range(2):
        with pytest.raises(OSError, match="later-on.md.new"):
            rename(a_tiny_project, "too-far", "later-on")
        assert files(a_tiny_project) == before
    (a_tiny_project.root / "docs/ja/causes/later-on.md.new").rmdir()
    rename(a_tiny_project, "too-far", "later-on")
    assert (a_tiny_project.root / "snippets/later-on/before.py").exists()


def test_a_renamed_entry_is_reached_by_all_its_old_addresses(a_tiny_project, tmp_path, browser: Browser):
    site = Site.at(a_tiny_project, tmp_path / "site", "http://127.0.0.1:8000/below")
    build(site)
    lines = published(site, built_pages(a_tiny_project, site.folder))
    rename(a_tiny_project, "too-far", "much-too-far")
    site = Site.at(Project(a_tiny_project.root), tmp_path / "site", site.url)
    build(site)
    pages = built_pages(site.project, site.folder)
    assert list(gone(lines, published(site, pages), pages)) == []
    context = browser.new_context(locale="ja-JP")
    page = context.new_page()
    with served(site.folder) as address:
        for language in site.project.languages:
            page.goto(f"{address}{language.folder}causes/too-far/#why")
            expect(page).to_have_url(f"{address}{language.folder}causes/much-too-far/#why")
        page.goto(f"{address}e/too-far/")
        expect(page).to_have_url(f"{address}ja/causes/much-too-far/")
    context.close()
