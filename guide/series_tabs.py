"""The includes that show what a snippet printed, on every series: pages name an example, and no series.

Where all series print the same, a page includes `recorded/<example>.txt` into a block of its own; otherwise, and for
all that fails, `recorded/<example>.<language>.md`, which brings a tab for each series and the whole traceback.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from textwrap import indent

from guide.facts import printed
from guide.project import Language, Project
from guide.snippets import Snippet, all_snippets
from guide.tracebacks import TRACEBACK, WARNING, last_traceback

# The short form contains everything that anyone searches for.
UNSEARCHED = '{ .text data-search-exclude="" }'


def series_tabs(project: Project) -> dict[Path, str]:
    """The files to include, and what has to be in each."""
    return {
        path: text
        for snippet in all_snippets(project)
        if _is_recorded(snippet)
        for path, text in _files(snippet).items()
    }


def short_tabs(project: Project, wanted: Iterable[str]) -> dict[Path, str]:
    """The same without whole tracebacks, `recorded/<example>.short.<language>.md`, as far as pages include them."""
    return {
        project.snippets / file: _tabs(Snippet(project, project.snippets / slug / f"{stem}.py"), language, _short)
        for language in project.languages
        for file in wanted
        if file.endswith(f".short.{language}.md")
        for slug, stem in [(file.partition("/")[0], Path(file).name.partition(".")[0])]
    }


def _is_recorded(snippet: Snippet) -> bool:
    return all(snippet.recordings(series)[0].exists() for series in snippet.project.series)


def _files(snippet: Snippet) -> dict[Path, str]:
    project, folder = snippet.project, snippet.path.parent / "recorded"
    if snippet.is_facts:
        return {folder / "facts.txt": printed(snippet)}
    if not snippet.must_fail and len({snippet.recorded(series) for series in project.series}) == 1:
        return {folder / f"{snippet.path.stem}.txt": _include(project, snippet.recordings(project.series[-1])[0])}
    return {
        folder / f"{snippet.path.stem}.{language}.md": _tabs(snippet, language, _with_whole)
        for language in project.languages
    }


def _tabs(snippet: Snippet, language: Language, block: Callable[[Snippet, str, Language], str]) -> str:
    """A tab for each series, the newest first."""
    blocks = {series: block(snippet, series, language) for series in reversed(snippet.project.series)}
    return "\n".join(f'=== "SQLAlchemy {series}"\n\n{indent(text, "    ")}' for series, text in blocks.items())


def _short(snippet: Snippet, series: str, _: Language) -> str:
    return _told(snippet.project, snippet.recordings(series)[0])


def _with_whole(snippet: Snippet, series: str, language: Language) -> str:
    """The short form of what was printed on a series, and the whole one to unfold if it contains more."""
    short, whole = snippet.recordings(series)
    if not whole.exists():
        return _told(snippet.project, short)
    fold = f'??? note "{snippet.project.words(language)["whole_traceback"]}"'
    return f"{_told(snippet.project, short)}\n{fold}\n\n{indent(_block(snippet.project, whole, UNSEARCHED), '    ')}"


def _told(project: Project, path: Path) -> str:
    """A block in which the lines are marked that say what was raised or warned."""
    text = path.read_text()
    told = {line for line in text.splitlines() if WARNING.match(line)}
    if TRACEBACK in text:
        told.update(last_traceback(text)[1][:1])
    numbers = [str(number) for number, line in enumerate(text.splitlines(), 1) if line in told]
    return _block(project, path, f'text hl_lines="{" ".join(numbers)}"' if numbers else "text")


def _block(project: Project, path: Path, info: str = "text") -> str:
    return f"```{info}\n{_include(project, path)}```\n"


def _include(project: Project, path: Path) -> str:
    return f'--8<-- "{path.relative_to(project.snippets).as_posix()}"\n'
