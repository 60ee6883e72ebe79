"""What a page weighs and when its answer is painted, beside stock Material; how soon the search finds something."""

import functools
import gzip
import http.server
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from guide.project import Project
from guide.site.building import build, copy_sources
from guide.site.folder import DEFAULT_URL, Site
from tests.conftest import CHROMIUM, QUIET

PROJECT = Project(Path(__file__).resolve().parents[1])
PAGES = {"home": "", "index": "causes/", "entry": "causes/lazy-relationship/", "matrix": "matrix/", "claims": "claims/"}
PHONE: ViewportSize = {"width": 390, "height": 844}
# As Chromium's own preset: each response waits, and all of them share the line.
SLOW_4G = {"offline": False, "latency": 562.5, "downloadThroughput": 180_000, "uploadThroughput": 84_375}
COMPRESSED = (".css", ".html", ".js", ".json", ".svg")
ROUNDS = 3
# Fonts are left to the reader's machine, as here: an offline benchmark cannot load those of the stock theme.
STOCK = """\
site_name: Stock
docs_dir: docs/{language}
theme:
  name: material
  language: {language}
  font: false
"""
OBSERVE = """
  window.measured = { painted: null, shift: 0 };
  new PerformanceObserver((list) => {
    for (const { renderTime } of list.getEntries()) measured.painted ??= renderTime;
  }).observe({ type: "element", buffered: true });
  new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) measured.shift += value;
  }).observe({ type: "layout-shift", buffered: true });
  new MutationObserver(() => {
    document.querySelector("article > p")?.setAttribute("elementtiming", "answer");
  }).observe(document, { childList: true, subtree: true });
"""
# In the page, because Playwright would look only now and then whether there is a result.
SEARCH = """() => new Promise((resolve) => {
  const opened = performance.now();
  new MutationObserver(() => {
    if (document.querySelector(".md-search-result__item")) resolve(performance.now() - opened);
  }).observe(document.querySelector(".md-search-result__list"), { childList: true });
  const input = document.querySelector(".md-search__input");
  input.focus();
  input.value = "MissingGreenlet";
  input.dispatchEvent(new InputEvent("input"));
})"""


class Server(http.server.ThreadingHTTPServer):
    """Serves a folder as hosts do, compressed, and notes the bytes of each body."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.sent: list[int] = []
        super().__init__(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def handle_error(self, *_):
        """Say nothing: a browser that leaves a page drops what it had asked for."""


class Handler(http.server.SimpleHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = Path(self.translate_path(urlsplit(self.path).path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            return self.send_error(404)
        body = body_of(path)
        self.send_response(200)
        if path.suffix in COMPRESSED:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        self.wfile.write(body)
        return self.server.sent.append(len(body))


@functools.cache
def body_of(path: Path) -> bytes:
    """What is sent for a file; compressed once, because a host would not take that time for each request either."""
    return gzip.compress(path.read_bytes()) if path.suffix in COMPRESSED else path.read_bytes()


def build_stock(folder: Path) -> Path:
    """Build the same pages with the theme as it comes, in `folder`; return where the site is."""
    folder.mkdir()
    project = copy_sources(PROJECT, folder)
    extensions = _block(project.root / "mkdocs.base.yml", "markdown_extensions")
    for language in project.languages:
        config = project.config(language)
        config.write_text(STOCK.format(language=language) + extensions + _block(PROJECT.config(language), "nav"))
        mkdocs = [sys.executable, "-m", "mkdocs", "build", "--quiet", "-f", config.name]
        subprocess.run([*mkdocs, "--site-dir", f"site/{language.folder}"], cwd=folder, check=True)
    return folder / "site"


def _block(config: Path, key: str) -> str:
    """A top-level key of a configuration with all that belongs to it, as written."""
    found = re.search(rf"^{key}:\n(?:(?: .*)?\n)+", config.read_text(), re.MULTILINE)
    return found[0] if found else ""


def weigh(browser: Browser, server: Server, path: str) -> tuple[int, int, int]:
    """Bytes and requests of a page with an empty cache, and the bytes of each further page like it."""
    page = browser.new_page(viewport=PHONE)
    # The second is another address, so that all but the page itself is in the cache.
    first, further = (_sent(page, server, address) for address in (path, f"{path}?further"))
    page.close()
    return sum(first), len(first), sum(further)


def _sent(page: Page, server: Server, address: str) -> list[int]:
    server.sent.clear()
    page.goto(server.address + address, wait_until="load")
    page.wait_for_load_state("networkidle")
    return list(server.sent)


def paint(browser: Browser, server: Server, path: str) -> tuple[float, float]:
    """Milliseconds until the first paragraph is painted on a slow line, and by how much the layout shifts."""
    page = browser.new_page(viewport=PHONE)
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW_4G)
    page.add_init_script(OBSERVE)
    page.goto(server.address + path, wait_until="networkidle")
    measured = page.evaluate("measured")
    page.close()
    return measured["painted"], measured["shift"]


def search(browser: Browser, server: Server, home: str) -> float:
    """Milliseconds from opening the search to its first result."""
    page = browser.new_page()
    page.goto(server.address + home, wait_until="networkidle")
    milliseconds = page.evaluate(SEARCH)
    page.close()
    return milliseconds


def report(browser: Browser, ours: Server, stock: Server) -> None:
    for language in PROJECT.languages:
        folder = language.folder
        for name, path in PAGES.items():
            weight, requests, further = weigh(browser, ours, folder + path)
            stock_weight, stock_requests, stock_further = weigh(browser, stock, folder + path)
            paints, shifts = zip(*(paint(browser, ours, folder + path) for _ in range(ROUNDS)), strict=True)
            stock_paint = min(paint(browser, stock, folder + path)[0] for _ in range(ROUNDS))
            print(
                f"{language} {name}: {weight / 1000:.0f} kB in {requests} requests, "
                f"stock {stock_weight / 1000:.0f} kB in {stock_requests} ({weight / stock_weight:.0%}); "
                f"each further page {further / 1000:.1f} kB, stock {stock_further / 1000:.1f}; "
                f"answer painted after {min(paints):.0f} to {max(paints):.0f} ms, stock {stock_paint:.0f}; "
                f"layout shift {max(shifts):.4f}"
            )
        index = len(body_of(ours.folder / folder / "search/search_index.json"))
        found = [search(browser, ours, folder) for _ in range(ROUNDS)]
        print(
            f"{language} search: index {index / 1000:.0f} kB, "
            f"first result after {min(found):.0f} to {max(found):.0f} ms"
        )


def main() -> None:
    chromium = next(filter(None, map(shutil.which, CHROMIUM)))
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        site = Path(name, "site")
        build(Site.at(PROJECT, site, DEFAULT_URL))
        stock = build_stock(Path(name, "stock"))
        browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        report(browser, Server(site), Server(stock))
        browser.close()


if __name__ == "__main__":
    main()
