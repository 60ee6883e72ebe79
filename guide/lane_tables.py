"""The recorded lanes as tables to include, `recorded/<example>.lanes.<language>.md`: in HTML, for their headers.

A before shows all lines of its section; any other example those at which something happens, and the read that failed.
"""

from collections.abc import Iterator
from dataclasses import replace
from html import escape
from pathlib import Path

from guide import lanes
from guide.lanes import Event, Row
from guide.project import Language, Project
from guide.snippets import Snippet, all_snippets

# What Markdown would read, were the table indented in a tab; a line break would end the HTML there.
MARKUP = {ord(character): f"&#{ord(character)};" for character in "*_`[]\\\n"}
Words = dict[str, str]


def lane_tables(project: Project) -> dict[Path, str]:
    """The files to include, and what has to be in each."""
    return {
        lanes.file(snippet).with_suffix(f".{language}.md"): _tables(snippet, recorded, language)
        for snippet in all_snippets(project)
        if (recorded := lanes.recorded(snippet))
        for language in project.languages
    }


def picture(snippet: Snippet, language: Language, most: int) -> str:
    """A small table: at most `most` lines before each at which something happens, none after it, not indented."""
    rows = next(reversed(lanes.recorded(snippet).values()))
    last = max(row.last for row in rows if row.events)
    quiet = [
        row if row.events else replace(row, first=max(row.first, row.last + 1 - most)) for row in _shown(snippet, rows)
    ]
    shown = [row for row in quiet if row.last <= last]
    lines = [line for row in shown for line in snippet.shown[row.first : row.last + 1]]
    return _html(snippet, shown, snippet.project.words(language)["lanes"], "", _indent(lines))


def _tables(snippet: Snippet, recorded: lanes.Lanes, language: Language) -> str:
    """A table for all series, or one for each of those that differ, the newest first."""
    words: Words = snippet.project.words(language)["lanes"]
    tables = [_table(snippet, rows, words, series if len(recorded) > 1 else "") for series, rows in recorded.items()]
    return "\n".join(reversed(tables))


def _table(snippet: Snippet, rows: list[Row], words: Words, series: str) -> str:
    return _html(snippet, list(_shown(snippet, rows)), words, series, _indent(snippet.shown))


def _indent(lines: list[str]) -> int:
    return min(len(line) - len(line.lstrip()) for line in lines if line)


def _html(snippet: Snippet, rows: list[Row], words: Words, series: str, indent: int) -> str:
    """The table of a series, or of all of them if none is named."""
    count = sum(event.times for row in rows for event in row.events if event.is_statement)
    caption = words["caption"].format(file=_code(snippet.path.name), count=count)
    if series:
        caption += f" (SQLAlchemy {series})"
    only = f' data-series="{series}"' if series else ""
    columns = "".join(f'<th scope="col" role="columnheader">{words[lane]}</th>' for lane in ("coroutine", "greenlet"))
    body = "\n".join(_row(snippet, row, words, indent) for row in rows)
    return (
        f'<table class="lanes"{only} role="table" data-search-exclude><caption>{caption}</caption>\n'
        f'<thead role="rowgroup"><tr role="row">{columns}</tr></thead><tbody role="rowgroup">\n'
        f"{body}\n</tbody></table>\n"
    )


def _shown(snippet: Snippet, rows: list[Row]) -> Iterator[Row]:
    """The recorded rows in their order, and between them rows without events for the other lines."""
    own = [row for row in rows if not row.ends_block]
    quiet: list[int] = []
    for line, text in enumerate(snippet.shown):
        found = [row for row in own if row.first == line]
        ended = [row for row in rows if row.ends_block and row.after == line]
        is_covered = any(row.first <= line <= row.last for row in own)
        if not is_covered and text.strip() and (snippet.must_fail or text.strip() == _failing_line(snippet)):
            quiet.append(line)
        if quiet and (is_covered or ended):
            yield Row(quiet[0], quiet[-1], quiet[-1], inside=False, events=[])
            quiet = []
        yield from (*found, *ended)
    if quiet:
        yield Row(quiet[0], quiet[-1], quiet[-1], inside=False, events=[])


def _failing_line(snippet: Snippet) -> str | None:
    """The line of its before that fails, as the page shows it."""
    before = Snippet(snippet.project, snippet.counterpart)
    marks = before.marks if snippet.mends and before.path.exists() else []
    return before.unmarked_lines[marks[0].line - 1].strip() if marks else None


def _row(snippet: Snippet, row: Row, words: Words, indent: int) -> str:
    """The line and what happened in the coroutine on the left, what happened in a greenlet on the right."""
    here = [_event(event, words) for event in row.events if event.what.endswith("-here")]
    there = [_event(event, words) for event in row.events if not event.what.endswith("-here")]
    is_refused = any(event.what.startswith("refused") for event in row.events)
    lines = [line[indent:] for line in snippet.shown[row.first : row.last + 1] if line]
    notes = [words["end"]] * row.ends_block + [words["inside"]] * row.inside
    if is_refused:
        there.append(f"<b>{words['no_greenlet']}</b>")
    elif not row.events and not snippet.must_fail:
        there.append(_note(words["nothing"]))
    kind = "stop" if is_refused else "sent" if there and row.events else "quiet"
    left = "".join((_code("\n".join(lines)), *map(_note, notes), *here))
    return (
        f'<tr role="row" class="{kind}"><th scope="row" role="rowheader">{left}</th>'
        f'<td role="cell">{"".join(there)}</td></tr>'
    )


def _event(event: Event, words: Words) -> str:
    times = _note(f"× {event.times}") if event.times > 1 else ""
    match event.what.removesuffix("-here"):
        case "sent":
            return _code(event.text) + times
        case "expired":
            return _note(words["expired"].format(names=_code(event.text)))
        case _:
            return _note(words["refused"]) + _code(event.text) if event.text else _note(words["refused_connection"])


def _note(text: str) -> str:
    return f"<span>{text}</span>"


def _code(text: str) -> str:
    return f"<code>{escape(text, quote=False).translate(MARKUP)}</code>"
