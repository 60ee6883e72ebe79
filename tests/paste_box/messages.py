"""The messages that installed packages and Python itself raise: most are no business of this guide."""

import ast
import json
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from guide.kept import Kept, digest
from guide.project import Project

# Whose errors the pages are about.
ABOUT = {"sqlalchemy", "greenlet", "greenback", "aiosqlite", "asyncpg", "psycopg", "asyncmy", "aiomysql", "pymysql"}
SHORTEST = 9


def raised_messages(project: Project) -> list[str]:
    """Each message once, as `Class: text`: of the packages that snippets and tools use, and of the standard library."""

    def collected() -> str:
        return json.dumps(sorted({message for folder in _folders(project) for message in _messages(folder)}))

    locks = [path.read_text() for path in sorted(project.requirements.glob("*.txt"))]
    return json.loads(Kept(project, "messages").made(collected, digest(*locks, Path(__file__).read_text())))


def _folders(project: Project) -> Iterator[Path]:
    for environment in (project.root / ".series" / project.series[-1], project.root / ".venv"):
        yield from environment.glob("lib/python*/site-packages/*")
    yield from Path(sysconfig.get_path("stdlib")).glob("*")


def _messages(folder: Path) -> Iterator[str]:
    """The messages of a package or module; none of those whose errors are explained here, or of tests."""
    if folder.name in {"site-packages", "test", "idlelib"} or folder.name.partition(".")[0] in ABOUT:
        return
    for path in [folder] if folder.suffix == ".py" else folder.rglob("*.py"):
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            match node:
                case ast.Raise(exc=ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[first, *_])):
                    text = _text(first)
                    if len(text) >= SHORTEST:
                        yield f"{name}: {text}"


def _text(node: ast.expr) -> str:
    """What an expression says, with a word in place of each value; empty if that is not to be seen."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "value" for part in parts)
        case ast.BinOp(left=left, op=ast.Mod()):
            return _text(left).replace("%s", "value").replace("%r", "'value'").replace("%d", "3")
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            return _text(value)
    return ""
