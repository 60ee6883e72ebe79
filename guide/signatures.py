"""What a recording shows that its reader can look for: frames, the shape of the SQL, a message, what ran before.

Tokens and messages are those of the paste box's index; guide.toml says, below `[yours]`, what else tells an entry.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from guide import lanes
from guide.pages import entry_pages
from guide.paste_index import MODULES, STATEMENT, made_up, message, telling
from guide.project import Project
from guide.snippets import Snippet, all_snippets
from guide.tracebacks import TRACEBACK, Frame

# What stands between the class of an error and what it says, where a driver's error is wrapped.
WRAPPED = re.compile(r"^(\w+:) (?:\([\w.]+\) |<class '[^']+'>: )+")
PLACE = re.compile(r"^\S+\.py(?::\d+)?: ")
# What varies: objects, numbers, and, filled in, the names that a program made up.
VARIES = (
    r"'[^' ]*<locals>[^' ]*'|\"[^\"]*\d[^\"]*\"|'[^' ]*_\d[^' ]*'|<(?:[^<>]|<[^<>]*>)*>|\b\d+(?:\.\d+)?\b"
    r"|['`](?:{names})[\w.]*['`]|\bfor (?:{names})$"
)
# Where enough of a message was said.
ENOUGH = re.compile(r"[.;] | \(|[.:;]?\s*$|``|, (?:which|connection)")
GAP = "…"
SQL_SHAPES = ("collection", "row")


@dataclass(frozen=True)
class Shown:
    """One recording of an entry: its text, the error's own words, and the tokens that the paste box reads in it."""

    snippet: Snippet
    series: str
    words: str
    tokens: frozenset[str]

    @property
    def slug(self) -> str:
        return self.snippet.slug

    @cached_property
    def text(self) -> str:
        return self.snippet.recorded(self.series)

    @cached_property
    def reason(self) -> str | None:
        """What the paste box names as its reason; None if it names the frames as a whole."""
        reasons = self.snippet.project.data["paste-box"]["reasons"]
        return next((one["reason"] for one in reasons if one["token"] in self.tokens), None)

    @cached_property
    def says(self) -> str:
        """What the error's first line says to every reader, with gaps; empty for MissingGreenlet's own."""
        if not self.words:
            return ""
        first, *_ = message(self.snippet, self.series).strip().splitlines()
        names = "|".join(map(re.escape, sorted(made_up(self.snippet), key=len, reverse=True)))
        line = WRAPPED.sub(rf"\1 {GAP} ", PLACE.sub("", MODULES.sub("", first)))
        line = re.sub(VARIES.format(names=names), GAP, line)
        line = line[: ENOUGH.search(line, len(line.partition(":")[0]) + 3).start()]  # type: ignore[union-attr]
        return re.sub(rf"(?:{GAP}\W*)+{GAP}", GAP, line).strip(f" :{GAP}")

    @cached_property
    def shape(self) -> str | None:
        """The shape of the error's SQL: whether a reload lists the key, or what a load brings; None without SQL."""
        found = STATEMENT.search(self.text.rpartition(TRACEBACK)[2])
        if not found or self.reason not in ("load_expired", "emit_lazyload"):
            return None
        if self.reason == "load_expired":
            return _key(found["sql"])
        return next((shape for shape in SQL_SHAPES if f"SQL.{shape}" in self.tokens), None)

    @cached_property
    def names(self) -> dict[str, str]:
        """The function of each frame, as the traceback writes it, by the frame's token."""
        frames = filter(None, map(Frame.read, self.text.splitlines()))
        return {frame.token: frame.function for frame in frames}

    @cached_property
    def evidence(self) -> str:
        """What a sign is looked for in: the program, what it printed, the tokens, and last what it had sent before."""
        program = self.snippet.path.read_text()
        return "\n".join([program, self.text, *sorted(self.tokens), *_ran_before(self.snippet, self.series)])


def all_shown(project: Project) -> dict[str, list[Shown]]:
    """The recordings of each entry that tell about it."""
    entries = {page.slug for page in entry_pages(project)}
    snippets = [snippet for snippet in all_snippets(project) if snippet.slug in entries]
    shown: dict[str, list[Shown]] = {}
    for snippet, series, (slug, words, tokens) in telling(project, snippets):
        shown.setdefault(slug, []).append(Shown(snippet, series, words, frozenset(tokens.split())))
    return shown


def _key(sql: str) -> str | None:
    """Whether a SELECT by one column lists that column, as it does if the whole row is reloaded."""
    found = re.match(r"SELECT (?P<list>.+?) FROM .+? WHERE (?P<key>\w+\.\w+) =", re.sub(r'["`\n]', " ", sql))
    if not found:
        return None
    return "selected" if found["key"] in re.split(r"[\s,]+", found["list"]) else "left_out"


def _ran_before(snippet: Snippet, series: str) -> list[str]:
    """The statements, and what expired, in the order of the lines, without what came of the one that was refused."""
    rows = next((rows for names, rows in lanes.recorded(snippet).items() if series in names), [])
    ran = []
    for row in rows:
        for event in row.events:
            if event.what.startswith("refused"):
                break
            ran.append(f"{event.what} {event.text}" if event.what == "expired" else event.text)
    return ran
