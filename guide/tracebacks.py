"""How the text of a traceback is taken apart, and which of its frames tell why SQLAlchemy needed the database."""

import re
from dataclasses import dataclass
from pathlib import Path

from guide.project import Project

TRACEBACK = "Traceback (most recent call last):"
FRAME = re.compile(r'^(?P<indent>\s*)File "(?P<path>[^"]+)"(?:, line (?P<line>\d+))?(?:, in (?P<function>.+))?$')
WARNING = re.compile(r"^(?P<where>\S+?)(?::(?P<line>\d+))?: (?P<text>\w*Warning: .*)$")
ERROR = re.compile(r"^(?P<outer>[\w.]+)(?:: \((?P<inner>[\w.]+)\)|:|$)")


@dataclass(frozen=True)
class Frame:
    """A frame as a recording has it; `line` and `function` are empty where the text has none."""

    indent: str
    path: str
    line: str
    function: str

    @classmethod
    def read(cls, line: str) -> "Frame | None":
        """The frame that a line of a traceback shows, if it shows one."""
        found = FRAME.match(line)
        return cls(*(part or "" for part in found.groups())) if found else None

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def file(self) -> str:
        """The name of the file, without its ending."""
        return Path(self.path).name.removesuffix(".py")

    @property
    def package(self) -> str:
        return self.path.removesuffix(".py").removeprefix("lib/").partition("/")[0]

    @property
    def token(self) -> str:
        """The frame as one word, the same for every release."""
        return f"{self.file}.{self.function.lstrip('_')}"

    def tells(self, project: Project) -> bool:
        """Whether it shows why SQLAlchemy needed the database: what is loaded, or what opens a connection."""
        rules = project.data["traceback"]
        in_orm = self.folder.removeprefix("lib/") == "sqlalchemy/orm"
        return in_orm and self.file not in rules["untelling-files"] or self.token in rules["telling-frames"]


def last_traceback(text: str) -> tuple[list[str], list[str]]:
    """The lines of the last traceback's frames, and those of its error, up to a warning that came after it."""
    lines = text.rpartition(f"{TRACEBACK}\n")[2].splitlines()
    start = next((number for number, line in enumerate(lines) if not line.startswith(" ")), len(lines))
    end = next((number for number, line in enumerate(lines) if number > start and WARNING.match(line)), len(lines))
    return lines[:start], lines[start:end]


def error_classes(stderr: str, script: Path) -> tuple[str, ...]:
    """The class of the error that ended `script`, and what it wraps: both for `StatementError: (x.MissingGreenlet)`."""
    _, error = last_traceback(_uncaught(stderr, script))
    found = ERROR.match(error[0]) if error else None
    return tuple(name.rpartition(".")[2] for name in found.groups() if name) if found else ()


def error_class(stderr: str, script: Path) -> str | None:
    """The innermost class of the error that ended `script`."""
    return next(reversed(error_classes(stderr, script)), None)


def own_lines(text: str, script: Path) -> list[int]:
    """The numbers of the lines of `script` in all of its own frames in a text."""
    frames = filter(None, map(Frame.read, text.splitlines()))
    return [int(frame.line) for frame in frames if frame.path == str(script)]


def last_own_line(stderr: str, script: Path) -> int | None:
    """The number of the line of `script` in its own last frame in the traceback of the error that ended it."""
    frames, _ = last_traceback(_uncaught(stderr, script))
    return next(reversed(own_lines("\n".join(frames), script)), None)


def _uncaught(stderr: str, script: Path) -> str:
    """The traceback that begins in the module `script` itself; a log or a destructor may print others after it."""
    for traceback in reversed(stderr.split(f"{TRACEBACK}\n")):
        frame = Frame.read(traceback.partition("\n")[0])
        if frame and frame.path == str(script) and frame.function == "<module>":
            return traceback
    return stderr
