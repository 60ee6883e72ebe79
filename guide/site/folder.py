"""A built site: its folder, and the address that it is built for."""

import re
from dataclasses import dataclass
from pathlib import Path

from guide.addresses import address
from guide.pages import Page
from guide.project import Language, Project

DEFAULT_URL = "http://127.0.0.1:8000/"
URL = re.compile(r"https?://[\w.-]+(?::\d+)?(?:/[\w.~-]+)*/*")


class WrongAddress(ValueError):
    """The site can't be built for an address; the message says why in one line."""


@dataclass(frozen=True)
class Site:
    """A folder with a built site; `url` ends with a slash."""

    project: Project
    folder: Path
    url: str

    @classmethod
    def at(cls, project: Project, folder: Path, url: str) -> "Site":
        """The site in `folder` for an address with or without the last slash. Raises WrongAddress if it isn't one."""
        if not URL.fullmatch(url):
            raise WrongAddress(f"SITE_URL={url} isn't an address: it has to begin with http:// or https://")
        return cls(project, folder, url.rstrip("/") + "/")

    def address(self, page: Page) -> str:
        """The full address of a page."""
        return self.url + address(page)

    def environ(self) -> dict[str, str]:
        """What the configurations take from the environment: the address of each language's own site."""
        return {self._variable(language): self.url + language.folder for language in self.project.languages}

    def _variable(self, language: Language) -> str:
        return "SITE_URL" if language == self.project.original else f"SITE_URL_{language.code.upper()}"
