"""Building both languages with either builder, and reading what was built."""

import contextlib
import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from lxml import html

from project import CONFIGS, FOLDERS, ROOT

ORIGIN = "http://127.0.0.1:8000"
SITE_URL = f"{ORIGIN}/below/"
SOURCES = (
    *CONFIGS.values(),
    "mkdocs.base.yml",
    "docs",
    "finish.py",
    "finishing",
    "overrides",
    "redirects.txt",
    "serve.py",
    "snippets",
    "tests",
)
LOADING = ("stylesheet", "icon", "preload", "preconnect", "dns-prefetch", "manifest", "modulepreload", "prefetch")
LINKED = ("h1", "h2", "h3", "h4", "span", "textarea")
ENVIRON = {
    "SITE_URL": SITE_URL,
    "SITE_URL_JA": f"{SITE_URL}ja/",
    # An address on GitHub, because for those the stock theme asks GitHub's API.
    "REPO_URL": "https://github.com/sqlalchemy/sqlalchemy",
    "NO_MKDOCS_2_WARNING": "1",
    "SOURCE_DATE_EPOCH": "0",
}


def run(*command: str, cwd: Path = ROOT) -> None:
    """Run a Python module of this environment. Raises AssertionError with all that it printed if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=cwd,
        env=os.environ | ENVIRON,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"`{' '.join(command)}` failed:\n{done.stdout}{done.stderr}"


def build_with_mkdocs(site: Path, sources: Path = ROOT) -> None:
    """Build both languages into `site`, English first, because it empties the folder."""
    for language, config in CONFIGS.items():
        folder = site / FOLDERS[language]
        run("mkdocs", "build", "--quiet", "--strict", "--config-file", config, "--site-dir", str(folder), cwd=sources)
    run("finish", str(site), cwd=sources)


def copy_sources(folder: Path) -> None:
    """Copy all that the site is built from into `folder`."""
    for source in SOURCES:
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        copy(ROOT / source, folder / source)


def build_with_zensical(folder: Path) -> Path:
    """Build both languages in a copy of the sources below `folder`, where Zensical puts its site; return that."""
    copy_sources(folder)
    for config in CONFIGS.values():
        run("zensical", "build", "--clean", "--strict", "--config-file", config, cwd=folder)
    run("finish", "site", cwd=folder)
    return folder / "site"


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder as a static host does; yields the address."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_):
            """Say nothing: a browser that leaves a page drops what it had asked for."""

    with Server(("127.0.0.1", 0), functools.partial(Handler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class BuiltPage:
    """One HTML file of a built site."""

    def __init__(self, site: Path, path: Path):
        self.path = path
        self.address = path.relative_to(site).as_posix().removesuffix("index.html")
        self.tree = html.parse(path, html.HTMLParser(encoding="utf-8")).getroot()

    @property
    def language(self) -> str:
        return "ja" if self.address.startswith("ja/") else "en"

    @property
    def address_in_language(self) -> str:
        """The address below the language's root, the same in every language."""
        return self.address.removeprefix(FOLDERS[self.language])

    @property
    def only_leads_on(self) -> bool:
        """Whether it is a short link or an old address."""
        return bool(self.tree.xpath("//script[contains(@src, 'assets/forward.js')]"))

    @property
    def is_content(self) -> bool:
        """Whether it is made from a page in docs: the 404 pages have no address of their own."""
        return self.path.name != "404.html" and not self.only_leads_on

    @property
    def anchors(self) -> set[str]:
        """The ids that links may name: of headings, of what was left in the place of one, of the paste box."""
        return set(self.tree.xpath(f"//article//*[{' or '.join(f'self::{name}' for name in LINKED)}]/@id"))

    @property
    def ids(self) -> set[str]:
        return set(self.tree.xpath("//@id"))

    @property
    def code(self) -> list[str]:
        """The text of each block of code, as included."""
        return [block.text_content() for block in self.tree.xpath("//pre/code")]

    @property
    def links(self) -> list[str]:
        return self.tree.xpath("//a/@href")

    @property
    def links_of_content(self) -> list[str]:
        """Where the text leads to."""
        return self.tree.xpath("//article//a/@href")

    @property
    def loaded(self) -> list[str]:
        """The addresses of everything that a browser loads to show the page."""
        relations = ((link.get("rel", "").split(), link.get("href")) for link in self.tree.xpath("//link[@href]"))
        by_link = [href for relation, href in relations if set(relation) & set(LOADING)]
        return [*self.tree.xpath("//@src | //@srcset | //object/@data"), *by_link]

    def meta(self, attribute: str, value: str) -> str | None:
        """What the head's first <meta> with this attribute says."""
        return next(iter(self.tree.xpath(f"//head/meta[@{attribute}='{value}']/@content")), None)

    def head(self, relation: str, **attributes: str) -> list[str]:
        """The targets of the head's links with this relation and these attributes."""
        links = self.tree.xpath("//head/link[@href]")
        matching = [link for link in links if relation in link.get("rel").split()]
        return [link.get("href") for link in matching if all(link.get(k) == v for k, v in attributes.items())]


def built_pages(site: Path) -> list[BuiltPage]:
    return [BuiltPage(site, path) for path in sorted(site.rglob("*.html"))]


def is_elsewhere(address: str) -> bool:
    """Whether `address` names another host than the site's own."""
    parts = urlsplit(address)
    return bool(parts.netloc) and f"{parts.scheme or 'https'}://{parts.netloc}" != ORIGIN
