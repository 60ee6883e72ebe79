"""The paste box's scripts without a page around them, and all that they are asked about."""

from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from guide.kept import Kept
from guide.pages import entry_pages
from guide.paste_index import index_row
from guide.project import Project
from guide.site.hosting import served
from guide.snippets import Snippet, all_snippets
from tests.paste_box.pastes import DISGUISES, plain

LIBRARIES = ("ipython", "loguru", "pytest", "rich", "structlog")
Recording = tuple[Snippet, str, list[str]]
Answers = list[dict[str, Any]]
# As the home page does it, but for showing what was found.
LOAD = """async () => {
  const [{ diagnose, prepared }, { ownLine }] = await Promise.all([import("/diagnose.js"), import("/traceback.js")]);
  const index = prepared(await (await fetch("/paste-index.json")).json());
  window.ask = (texts) => texts.map((text) => {
    const { state, slugs, byProducts, segment } = diagnose(text, index);
    const source = (segment && ownLine(segment)?.source) || null;
    return { state, slugs: [...slugs, ...byProducts], left: byProducts, first: slugs[0], source };
  });
}"""
UNKNOWN = {"snippets/get-ignores-options/before-stale.py": "Python raises this ValueError for any wrong unpacking"}


@pytest.fixture(scope="module")
def scripts(project: Project, browser: Browser) -> Iterator[Page]:
    """A browser that has loaded the paste box's scripts and its index."""
    with served(project.assets) as address:
        page = browser.new_page()
        page.goto(f"{address}paste-index.json")
        page.evaluate(LOAD)
        yield page
        page.close()


@pytest.fixture(scope="module")
def ask(scripts: Page) -> Callable[..., Answers]:
    """A function from pastes, as lines, to what the scripts make of each."""
    return lambda *pastes: scripts.evaluate("ask", ["\n".join(lines) for lines in pastes])


def recordings_of(snippet: Snippet) -> list[Recording]:
    """A snippet with each series on which it fails, and what Python printed there."""
    failing = [series for series in snippet.project.series if snippet.must_fail and snippet.marks_on(series)]
    return [(snippet, series, plain(snippet.recorded(series))) for series in failing]


@pytest.fixture(scope="session")
def entries(project: Project) -> set[str]:
    return {page.slug for page in entry_pages(project)}


@pytest.fixture(scope="session")
def all_recordings(project: Project, entries: set[str]) -> list[Recording]:
    """Those of all entries."""
    snippets = [snippet for snippet in all_snippets(project) if snippet.slug in entries]
    return [recording for snippet in snippets for recording in recordings_of(snippet)]


@pytest.fixture(scope="session")
def recordings(all_recordings: list[Recording]) -> list[Recording]:
    """Those that can be known, but of a snippet's series that tell the paste box the same only one."""
    known = (recording for recording in all_recordings if str(recording[0]) not in UNKNOWN)
    told = {(snippet, *index_row(snippet, series)): (snippet, series, lines) for snippet, series, lines in known}
    return list(told.values())


@pytest.fixture(scope="session")
def disguised(project: Project) -> Callable[[str, list[str]], list[str]]:
    """A function that makes a paste by the name of its disguise; what it makes is kept until what makes it changes."""
    makers = "".join(Path(__file__).with_name(name).read_text() for name in ("pastes.py", "replay.py"))
    versions = " ".join(f"{library} {version(library)}" for library in LIBRARIES)
    kept = Kept(project, "pastes")

    def disguised(disguise: str, lines: list[str]) -> list[str]:
        paste = kept.made(lambda: "\n".join(DISGUISES[disguise](lines)), makers, versions, disguise, *lines)
        return paste.split("\n")

    return disguised
