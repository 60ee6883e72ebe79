"""Where things are: the folders, the languages, the SQLAlchemy series and the drivers of this project."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SNIPPETS = ROOT / "snippets"
DOCS = ROOT / "docs"
CONFIGS = {"en": "mkdocs.yml", "ja": "mkdocs.ja.yml"}
LANGUAGES = tuple(CONFIGS)
# Where each language stands below the site's address.
FOLDERS = {"en": "", "ja": "ja/"}
SERIES = ("2.0", "2.1")
# The drivers that every snippet is run with, and the database of each as SQLAlchemy's URLs name it.
DRIVERS = {
    "aiosqlite": "sqlite",
    "asyncpg": "postgresql",
    "psycopg": "postgresql",
    "asyncmy": "mysql",
    "aiomysql": "mysql",
}
ENTRY_FOLDERS = ("causes", "lookalikes")


def name(path: Path) -> str:
    """`path` as a contributor would type it, from the top of the project."""
    return path.relative_to(ROOT).as_posix()
