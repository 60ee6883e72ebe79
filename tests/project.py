"""Where things are: the folders, the languages and the SQLAlchemy series of this project."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SNIPPETS = ROOT / "snippets"
DOCS = ROOT / "docs"
CONFIGS = {"en": "mkdocs.yml", "ja": "mkdocs.ja.yml"}
LANGUAGES = tuple(CONFIGS)
SERIES = ("2.0", "2.1")
ENTRY_FOLDERS = ("causes", "lookalikes")


def name(path: Path) -> str:
    """`path` as a contributor would type it, from the top of the project."""
    return path.relative_to(ROOT).as_posix()
