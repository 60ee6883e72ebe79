"""Fixtures of tests that need the built site or a browser."""

import os
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from filelock import FileLock
from playwright.sync_api import Page

from guide.kept import digest
from guide.project import Project
from guide.site.building import SOURCES, build
from guide.site.built import BuiltPage, built_pages
from guide.site.folder import Site
from guide.site.hosting import served

pytest_plugins = ["guide.plugin"]

SITE_URL = "http://127.0.0.1:8000/below/"
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# An address on GitHub, because for those the stock theme asks GitHub's API.
os.environ |= {"REPO_URL": "https://github.com/sqlalchemy/sqlalchemy", "SOURCE_DATE_EPOCH": "0"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to CI what only a change of builder can break, and say so."""
    if not os.environ.get("CI"):
        for item in items:
            if item.get_closest_marker("builders"):
                item.add_marker(pytest.mark.skip("run in CI: only another release of a builder can break it"))


@pytest.fixture(scope="session")
def site(project: Project, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Site:
    """All languages, built with MkDocs by whichever worker comes first, and kept until what it is made of changes."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared if worker_id == "master" else shared.parent
    kept = shared / "site" if os.environ.get("CI") else project.root / ".cache" / "sites" / sources(project)
    site = Site.at(project, kept, SITE_URL)
    with FileLock(shared / "site.lock"):
        if not kept.exists():
            shutil.rmtree(project.root / ".cache" / "sites", ignore_errors=True)
            build(Site(project, shared / "new", site.url))
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(shared / "new", kept)
    return site


def sources(project: Project) -> str:
    """A name for all that a site is made of."""
    found = [path for pattern in (*SOURCES, "guide", "requirements.txt") for path in project.root.glob(pattern)]
    files = sorted(file for path in found for file in (path, *path.rglob("*")) if file.is_file())
    own = (file for file in files if "__pycache__" not in file.parts)
    return digest(*(f"{file}\n{file.read_bytes()!r}" for file in own))


@pytest.fixture(scope="session")
def pages(project: Project, site: Site) -> list[BuiltPage]:
    return built_pages(project, site.folder)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """The system's Chromium, because Playwright's own would have to be downloaded."""
    chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if chromium is None:
        reason = "no Chromium on this machine: install Debian's package chromium-headless-shell, or Google Chrome"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return {**browser_type_launch_args, "executable_path": chromium, "args": list(QUIET)}


@pytest.fixture(scope="session")
def address(site: Site) -> Iterator[str]:
    """Where the built site is served while the tests run."""
    with served(site.folder) as address:
        yield address


@pytest.fixture(scope="session")
def published_address(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same below the path that the site was built for."""
    root = tmp_path_factory.mktemp("host")
    path = urlsplit(SITE_URL).path.strip("/")
    (root / path).symlink_to(site.folder)
    with served(root) as address:
        yield f"{address}{path}/"


@pytest.fixture
def said(page: Page) -> list[str]:
    """All that the page says in the console: each violation of a policy among it."""
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    return messages
