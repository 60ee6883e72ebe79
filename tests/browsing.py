"""Opening pages in a browser."""

from playwright.sync_api import Page

# Once the browser has nothing more to do, twice: what a script asks for when it is idle has then been asked for.
IDLE = "() => new Promise((done) => requestIdleCallback(() => requestIdleCallback(done)))"


def open_page(page: Page, address: str) -> None:
    """Open a page and wait until its scripts have run; the paste box of a home page is then ready."""
    page.goto(address)
    page.wait_for_function("() => !document.querySelector('.paste-box:not([data-home]) #diagnosis:not([data-ready])')")
    page.evaluate(IDLE)
