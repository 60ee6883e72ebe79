"""Where things are, and what the project knows by name: everything else takes a Project."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mkdocs.utils.yaml import yaml_load


@dataclass(frozen=True)
class Language:
    """A language of the site, as mkdocs.base.yml lists it: its code, its own name, its folder below the site's address.

    `spaced` tells whether its words are parted by spaces.
    """

    code: str
    name: str
    folder: str
    spaced: bool

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True)
class Driver:
    """A driver and its database as SQLAlchemy's URLs name them, the package that it comes in, and what that needs."""

    name: str
    database: str
    package: str
    needs: tuple[str, ...]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Database:
    """A database by its name in SQLAlchemy's URLs, and by its own.

    `driver` is used if a URL names none; `lacks` are words of programs that can't run on it.
    """

    scheme: str
    name: str
    driver: str
    lacks: tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """A kind of pages: its folder in docs, whether it is of entries, the ids that its pages need, in their order.

    `is_listed` tells whether an index page lists them: by what the reader sees, why, and what to write instead.
    """

    folder: str
    is_entry: bool
    headings: tuple[str, ...]
    is_listed: bool


@dataclass(frozen=True)
class Project:
    """A folder with snippets, pages, configurations and the data in guide.toml."""

    root: Path

    @property
    def snippets(self) -> Path:
        return self.root / "snippets"

    @property
    def docs(self) -> Path:
        return self.root / "docs"

    @property
    def assets(self) -> Path:
        return self.root / "overrides" / "assets"

    @property
    def requirements(self) -> Path:
        return self.root / "requirements"

    @cached_property
    def data(self) -> dict:
        """The content of guide.toml."""
        return tomllib.loads((self.root / "guide.toml").read_text())

    @cached_property
    def _shared(self) -> dict:
        """What the templates need too."""
        return self._yaml("mkdocs.base.yml")["extra"]

    @cached_property
    def languages(self) -> tuple[Language, ...]:
        """All languages; every page is written in the first one, and the others translate it."""
        return tuple(
            Language(one["lang"], one["name"], one["folder"], one.get("spaced", True))
            for one in self._shared["languages"]
        )

    @property
    def original(self) -> Language:
        return self.languages[0]

    @property
    def translations(self) -> tuple[Language, ...]:
        return self.languages[1:]

    @property
    def series(self) -> tuple[str, ...]:
        return tuple(self._shared["series"])

    @cached_property
    def drivers(self) -> dict[str, Driver]:
        """The drivers that every portable snippet is run with, by name."""
        return {
            name: Driver(name, driver["database"], driver.get("package", name), tuple(driver.get("needs", ())))
            for name, driver in self.data["drivers"].items()
        }

    @cached_property
    def databases(self) -> dict[str, Database]:
        return {
            scheme: Database(scheme, database["name"], database["driver"], tuple(database.get("lacks", ())))
            for scheme, database in self.data["databases"].items()
        }

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """The kinds of pages by their folder."""
        return {
            folder: Kind(folder, kind.get("entry", False), tuple(kind["headings"]), kind.get("listed", False))
            for folder, kind in self.data["kinds"].items()
        }

    @cached_property
    def entry_folders(self) -> tuple[str, ...]:
        return tuple(kind.folder for kind in self.kinds.values() if kind.is_entry)

    @cached_property
    def listed_folders(self) -> tuple[str, ...]:
        """The folders whose pages an index page lists."""
        return tuple(kind.folder for kind in self.kinds.values() if kind.is_listed)

    @cached_property
    def linked_folders(self) -> tuple[str, ...]:
        """The folders of the pages that have a short link."""
        return tuple(self._shared["short_links"])

    def config(self, language: Language) -> Path:
        """The MkDocs configuration of a language."""
        return self.root / ("mkdocs.yml" if language == self.original else f"mkdocs.{language}.yml")

    @cached_property
    def configurations(self) -> dict[Language, dict]:
        """The configuration of each language, including what it inherits."""
        return {language: self._yaml(self.config(language).name) for language in self.languages}

    def words(self, language: Language) -> dict:
        """The words of a language that generated files are written with."""
        return self.configurations[language]["extra"]["words"]

    def names(self, language: Language) -> dict[str, str]:
        """What the navigation of a language calls each page, by the page's path."""
        return {path: name for name, path in _leaves(self.configurations[language]["nav"])}

    def _yaml(self, file: str) -> dict:
        with (self.root / file).open("rb") as source:
            return yaml_load(source)

    def name(self, path: Path) -> str:
        """`path` as a contributor would type it, from the top of the project."""
        return path.relative_to(self.root).as_posix()


def _leaves(nav: list) -> Iterator[tuple[str, str]]:
    """The pages of a navigation with their names."""
    for item in nav:
        for name, below in item.items():
            yield from [(name, below)] if isinstance(below, str) else _leaves(below)
