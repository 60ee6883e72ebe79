"""Each check of the pages names a mistake in one line that says what to do; a project without one passes them all."""

import shutil
from collections.abc import Callable

import pytest

from guide import matrix
from guide.checks import problems, project_problems
from guide.generated import left_over, stale
from guide.pages import all_pages
from guide.project import Project
from tests.guide.tiny import AFTER_PY, FACTS_PY, change

ENGLISH, JAPANESE = "docs/en/causes/too-far.md", "docs/ja/causes/too-far.md"
ENGLISH_HOME, JAPANESE_HOME = "docs/en/index.md", "docs/ja/index.md"
ENGLISH_INDEX = "docs/en/causes/index.md"
OUTCOMES, VERIFIED = "snippets/matrix.csv", "snippets/too-far/recorded/verified.md"
ROW = "too-far,before.py,2.1,none"
Mistake = Callable[[Project], object]


def found_in(project: Project) -> list[str]:
    """All that the checks find without running anything."""
    pages = [page for language in project.languages for page in all_pages(project, language)]
    of_pages = [line for page in pages for line in problems(page)]
    return [*of_pages, *project_problems(project), *matrix.problems(project), *stale(project), *left_over(project)]


def changed(old: str, new: str, *paths: str) -> Mistake:
    """The mistake of having `new` instead of the pattern `old` in these files."""
    return lambda project: change(old, new, *(project.root / path for path in paths))


def removed(path: str) -> Mistake:
    return lambda project: (project.root / path).unlink()


def copied(path: str, copy: str) -> Mistake:
    def mistake(project: Project) -> None:
        make = shutil.copytree if (project.root / path).is_dir() else shutil.copy
        make(project.root / path, project.root / copy)

    return mistake


MISTAKES: dict[str, tuple[Mistake, str]] = {
    "a missing Japanese page": (
        removed(JAPANESE),
        f"{JAPANESE} is missing: write it, with the ids, includes and links of the other language's page",
    ),
    "a page outside the navigation": (
        changed("causes/too-far.md", "index.md", "mkdocs.yml", "mkdocs.ja.yml"),
        f"{ENGLISH} is not in the nav of mkdocs.yml: add it there and to mkdocs.ja.yml",
    ),
    "navigations in another order": (
        changed("nav:\n", "nav:\n  - Again: index.md\n", "mkdocs.ja.yml"),
        "mkdocs.ja.yml has other pages or groups in its nav than mkdocs.yml: give both the same, in the same order",
    ),
    "a page in another group": (
        changed("      - 原因:\n          - 範囲外: ", "      - 原因: ", "mkdocs.ja.yml"),
        "mkdocs.ja.yml has other pages or groups in its nav than mkdocs.yml: give both the same, in the same order",
    ),
    "an entry without what a reader sees": (
        changed('see: ".*"\n', "", ENGLISH),
        f"{ENGLISH} has no see in its front matter: it is needed for the tables that lead to it",
    ),
    "an entry without a fix in one line": (
        changed('fix: ".*"\n', "", JAPANESE),
        f"{JAPANESE} has no fix in its front matter: it is needed for the tables that lead to it",
    ),
    "a table that the home page lacks": (
        changed('--8<-- "home/rest.*\n', "", ENGLISH_HOME),
        f"{ENGLISH_HOME} lacks a table: include home/rest.en.md",
    ),
    "an index page without its table": (
        changed('--8<-- "groups/.*\n', "", ENGLISH_INDEX),
        f"{ENGLISH_INDEX} lacks a table: include groups/causes.en.md",
    ),
    "a group without an id": (
        changed("groups: .*\n", "", ENGLISH_INDEX),
        f"{ENGLISH_INDEX} names 0 groups: give an id to each of Causes in `groups:`",
    ),
    "a thread of no page": (
        changed("url\n", "url\ncauses/no-page,MissingGreenlet,https://example.org/\n", "threads.csv"),
        "threads.csv names causes/no-page, which isn't a page: correct it",
    ),
    "an entry without a page": (
        copied("snippets/too-far", "snippets/other"),
        "snippets/other has no page: write docs/en/causes/other.md or docs/en/lookalikes/other.md",
    ),
    "an entry that is not in order": (
        changed('  "too-far",\n', "", "guide.toml"),
        "guide.toml lacks too-far: add it to `order`, below [paste-box], where it belongs",
    ),
    "a rule for no entry": (
        changed("by-products = ", 'by-products = ["too-late"] #', "guide.toml"),
        "guide.toml names too-late, which isn't an entry: remove it",
    ),
    "a heading id that differs": (
        changed("#why }", "#cause }", JAPANESE),
        f"{JAPANESE} has other heading ids than {ENGLISH}: cause instead of why",
    ),
    "an answer of two sentences": (
        changed(r"\*\*Too far\*\*", "**Too far. Go back.**", ENGLISH),
        f"{ENGLISH}: say in one sentence in bold, below the title, what to change; readers copy it into issues",
    ),
    "a heading without an id": (
        changed(" { #why }", "", ENGLISH),
        f"{ENGLISH}: give the heading `Too far` a permanent id: {{ #… }}",
    ),
    "a heading id used twice": (
        changed("#why }", "#symptom }", ENGLISH, JAPANESE),
        f"{ENGLISH}: the id symptom is used twice",
    ),
    "a title that differs from the heading": (
        changed('title: "Too far"', 'title: "Too near"', ENGLISH),
        f"{ENGLISH}: the title is `Too near`, but the first heading is `Too far`: make them the same",
    ),
    "a missing heading": (
        changed("## Too far { #recognise }\n", "", ENGLISH),
        f"{ENGLISH} lacks the heading with the id recognise: see a neighbouring page",
    ),
    "an include that differs": (
        changed("before.py:example", "after-first.py:example", JAPANESE),
        f"{JAPANESE} has other includes than {ENGLISH}: too-far/after-first.py:example instead of "
        "too-far/before.py:example",
    ),
    "an include of nothing": (
        changed("before.py:example", "befor.py:example", ENGLISH, JAPANESE),
        f"{ENGLISH} includes snippets/too-far/befor.py, which does not exist",
    ),
    "a stale hash": (
        changed(r"Too far]\(#why\)", "Too far, again](#why)", ENGLISH),
        f"{JAPANESE} may be out of date: re-read it against {ENGLISH}, then set `translates: ",
    ),
    "a snippet on no page": (
        copied(AFTER_PY, AFTER_PY.replace("first", "second")),
        "snippets/too-far/after-second.py is not shown by any page in en: "
        'include it with --8<-- "too-far/after-second.py", or delete it',
    ),
    "a recording on no page": (
        changed("recorded/after-first.txt", "after-first.py:example", ENGLISH, JAPANESE),
        "snippets/too-far/recorded/2.0/after-first.txt is not shown by any page in en: ",
    ),
    "a highlight on the wrong line": (
        changed('hl_lines="2"', 'hl_lines="1"', ENGLISH),
        f'{ENGLISH}: the section of snippets/too-far/before.py:example needs hl_lines="2", not 1',
    ),
    "an image from another host": (
        changed(r"\[Too far]\(#why\)", "![far](https://127.0.0.2/far.png)", ENGLISH),
        f"{ENGLISH} loads something from another host: `![far](https://…`; put the file into docs/ and link to it",
    ),
    "front matter that is no YAML": (
        changed('title: "Too far"', 'title: "Too" far', ENGLISH),
        f"{ENGLISH} has no front matter that is valid YAML: begin with ---, title, description, ---; quote values",
    ),
    "a broken line in Japanese": (
        changed(r"\[範囲外]\(#why\)", "範囲の\n外", JAPANESE),
        f"{JAPANESE}: write a paragraph as one line, a line break shows as a space: `…範囲の`",
    ),
    "a bullet without a fact": (
        changed(r" \[Too far]\(code:.*", "", ENGLISH),
        f"{ENGLISH}: prove `- Too far` by a fact, or move it out of #recognise",
    ),
    "an absolute sentence without a fact": (
        changed("# 範囲外 { #related }", "# 範囲外 { #related }\n\n必ず失敗します。", JAPANESE),
        f"{JAPANESE}: prove `必ず` in `必ず失敗します。` by a fact, or say less",
    ),
    "a source instead of a run that no list has": (
        changed(r"\(code:too-far/facts.py\)\{ #fact-last .run \}", "(../matrix.md#not-run)", JAPANESE),
        f"{JAPANESE} names a source instead of a run: add a row with a link to it to #not-run of docs/ja/matrix.md",
    ),
    "a link to a fact without its name": (
        changed(r"\{ #fact-last .run \}", "", ENGLISH),
        f"{ENGLISH}: end `[Too far](code:too-far/facts.py)` with {{ #fact-… .run }}",
    ),
    "a link to a fact that is not there": (
        changed("#fact-last", "#fact-first", ENGLISH),
        f"{ENGLISH}: snippets/too-far/facts.py prints no `first: …`, which the page links to",
    ),
    "a fact that no page links to": (
        changed("#fact-last", "#fact-first", JAPANESE),
        f"{FACTS_PY} proves last, but no page in ja links to it: add the link, or remove it",
    ),
    "a fact without a function": (
        changed(r"def last\(", "def latest(", FACTS_PY),
        f"{FACTS_PY} prints `last: …`, but has no function last",
    ),
    "what facts printed, stale": (
        changed("2", "3", "snippets/too-far/recorded/facts.txt"),
        "snippets/too-far/recorded/facts.txt is stale: look at what changed, then `make record`",
    ),
    "a missing row": (
        changed(f"{ROW},IndexError\n", "", OUTCOMES),
        f"{OUTCOMES}: the row {ROW} is missing; `make matrix`",
    ),
    "a row of no snippet": (
        changed(ROW, ROW.replace("before", "befor"), OUTCOMES),
        f"{OUTCOMES}: the row {ROW.replace('before', 'befor')} has to go: no snippet is run so; `make matrix`",
    ),
    "a stale table": (
        changed("IndexError", "KeyError", VERIFIED),
        f"{VERIFIED} is stale: look at what changed, then `make record`",
    ),
    "a stale index of the paste box": (
        changed("IndexError", "KeyError", "overrides/assets/paste-index.json"),
        "overrides/assets/paste-index.json is stale: look at what changed, then `make record`",
    ),
    "a tab for a series that is missing": (
        removed("snippets/too-far/recorded/before.ja.md"),
        "snippets/too-far/recorded/before.ja.md is missing: look at what changed, then `make record`",
    ),
    "a recording of no snippet": (
        copied("snippets/too-far/recorded/2.1/before.txt", "snippets/too-far/recorded/2.1/after-second.txt"),
        "snippets/too-far/recorded/2.1/after-second.txt is left over: delete it, no snippet prints it",
    ),
    "a recording of an unknown series": (
        copied("snippets/too-far/recorded/2.1", "snippets/too-far/recorded/1.3"),
        "snippets/too-far/recorded/1.3/after-first.txt is left over: delete it, no snippet prints it",
    ),
}


def test_the_tiny_project_has_no_mistake(recorded_tiny):
    assert found_in(recorded_tiny) == []


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_what_to_do(a_tiny_project, mistake):
    make, message = MISTAKES[mistake]
    make(a_tiny_project)
    matrix.recorded_outcomes.cache_clear()
    found = found_in(Project(a_tiny_project.root))
    assert any(line.startswith(message) for line in found), found
