"""All files that are derived from what was recorded and from the pages: committed, and never written by hand."""

from pathlib import Path

from guide import lanes, matrix, paste_index
from guide.files import replace
from guide.lane_tables import lane_tables
from guide.matrix import Outcomes, Versions
from guide.pages import all_pages, entry_pages
from guide.project import Project
from guide.replies import short_links
from guide.reproducing import reproductions
from guide.series_tabs import series_tabs, short_tabs
from guide.snippets import Snippet, all_snippets
from guide.tables import tables
from guide.ways_in import ways_in
from guide.which import which
from guide.yours import sections


def generated(project: Project, outcomes: Outcomes, versions: Versions) -> dict[Path, str]:
    """Each generated file, and what has to be in it."""
    return {
        matrix.outcomes_file(project): matrix.as_csv(outcomes),
        matrix.versions_file(project): matrix.versions_as_csv(versions),
        paste_index.file(project): paste_index.paste_index(project, _entry_snippets(project)),
        **{
            project.snippets / f"short-links.{language}.md": short_links(project, language)
            for language in project.languages
        },
        **lane_tables(project),
        **reproductions(project),
        **sections(project),
        **series_tabs(project),
        **short_tabs(project, _included(project)),
        **tables(project, outcomes, versions),
        **ways_in(project, outcomes, versions),
        **which(project),
    }


def _included(project: Project) -> set[str]:
    """What the pages include, as written."""
    pages = (page for language in project.languages for page in all_pages(project, language))
    return {include for page in pages for include in page.includes}


def _entry_snippets(project: Project) -> list[Snippet]:
    entries = {page.slug for page in entry_pages(project)}
    return [snippet for snippet in all_snippets(project) if snippet.slug in entries]


def stale(project: Project) -> list[str]:
    """What to do about each generated file that is not up to date, in one line each."""
    files = generated(project, matrix.recorded_outcomes(project), matrix.recorded_versions(project))
    advice = "look at what changed, then `make record`"
    return [
        f"{project.name(path)} {'is stale' if path.exists() else 'is missing'}: {advice}"
        for path, text in files.items()
        if not path.exists() or path.read_text() != text
    ]


def left_over(project: Project) -> list[str]:
    """What to do about each file among the recordings that neither a run nor anything else writes."""
    files = generated(project, matrix.recorded_outcomes(project), matrix.recorded_versions(project))
    return [
        f"{project.name(path)} is left over: delete it, no snippet prints it" for path in _left_over(project, files)
    ]


def _left_over(project: Project, files: dict[Path, str]) -> list[Path]:
    written = set(files)
    for snippet in all_snippets(project):
        recordings = [path for series in project.series for path in snippet.recordings(series)]
        written |= {snippet.diff, *recordings, *([lanes.file(snippet)] if lanes.has_lanes(snippet) else [])}
    found = (path for path in sorted(project.snippets.glob("*/recorded/**/*")) if path.is_file())
    return [path for path in found if path not in written]


def record(project: Project, outcomes: Outcomes, versions: Versions) -> None:
    """Take over what was run, keep the rest, write all that follows from it and remove what is left over.

    All files are changed, or none. Raises OSError if they can't be written.
    """
    known = {**matrix.recorded_outcomes(project), **outcomes}
    kept = {case: known[case] for case in known.keys() & matrix.all_cases(project)}
    files = generated(project, kept, {**matrix.recorded_versions(project), **versions})
    replace({**files, **dict.fromkeys(_left_over(project, files))})
