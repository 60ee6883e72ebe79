"""The files that machines read: `entries.json`, `llms.txt` and one sitemap for both languages."""

import json
import re
from collections.abc import Iterator
from itertools import dropwhile
from pathlib import Path
from xml.sax.saxutils import quoteattr

from finishing.addresses import SITE_URL, short_address, url
from pages import Page, all_pages, configuration
from project import DOCS, LANGUAGES, SERIES, SNIPPETS
from recordings import TRACEBACK
from snippets import Snippet

CODE = re.compile(r"sqlalche\.me/e/\d+/(\w+)")
RECORDED_ERROR = re.compile(r"(?P<slug>[\w-]+)/recorded/[\d.]+/(?P<stem>before[\w-]*)\.txt")
LLMS = """\
# {site_name}

> {site_description}

Each link leads to a page in plain Markdown; the same without `index.md` is the page for people. {site}entries.json
has all entries with the errors that were recorded, and {site}e/<slug>/ leads people to an entry in their language.
"""


def write(site: Path) -> None:
    for stale in (*site.glob("sitemap.xml*"), *site.glob("ja/sitemap.xml*")):
        stale.unlink()
    (site / "entries.json").write_text(json.dumps(entries(), ensure_ascii=False, indent=1) + "\n")
    (site / "llms.txt").write_text("\n".join(llms()))
    (site / "sitemap.xml").write_text("\n".join(sitemap()) + "\n")


def entries() -> list[dict]:
    """All that has a short link, with its words and addresses."""
    return [entry(page) for page in all_pages("en") if page.has_short_link]


def entry(page: Page) -> dict:
    pages = {language: page.in_language(language) for language in LANGUAGES}
    texts = messages(page)
    codes = CODE.findall("\n".join(text for of_series in texts.values() for text in of_series))
    return {
        "slug": page.slug,
        "code": next(iter(codes), None) if page.is_entry else page.slug,
        "titles": {language: page.meta["title"] for language, page in pages.items()},
        "descriptions": {language: page.meta["description"] for language, page in pages.items()},
        "messages": texts,
        "urls": {
            "short": SITE_URL + short_address(page),
            **{language: url(page) for language, page in pages.items()},
            **{f"{language}_markdown": f"{url(page)}index.md" for language, page in pages.items()},
        },
    }


def messages(page: Page) -> dict[str, list[str]]:
    """The errors and warnings that the page shows, as each series printed them."""
    shown = [found for include in page.includes if (found := RECORDED_ERROR.fullmatch(include))]
    snippets = dict.fromkeys(Snippet(SNIPPETS / found["slug"] / f"{found['stem']}.py") for found in shown)
    return {
        series: list(dict.fromkeys(text for snippet in snippets for text in _messages(snippet, series)))
        for series in SERIES
    }


def _messages(snippet: Snippet, series: str) -> Iterator[str]:
    text = snippet.recordings(series)[0].read_text()
    for mark in (mark for mark in snippet.marks if mark.series in (None, series)):
        if mark.kind == "warns":
            yield next(line for line in text.splitlines() if mark.promise in line)
        else:
            lines = text.rpartition(f"{TRACEBACK}\n")[2].splitlines()
            yield "\n".join(dropwhile(lambda line: line.startswith(" "), lines))


def llms() -> Iterator[str]:
    """The lines of `llms.txt`: the navigation of each language, as links to Markdown."""
    yield LLMS.format(**configuration("en"), site=SITE_URL)
    for language in LANGUAGES:
        for item in configuration(language)["nav"]:
            [(title, below)] = item.items()
            pages = [below] if isinstance(below, str) else [file for leaf in below for file in leaf.values()]
            yield f"## {title}\n"
            for page in (Page(DOCS / language / file) for file in pages):
                yield f"- [{page.meta['title']}]({url(page)}index.md): {page.meta['description']}"
            yield ""


def sitemap() -> Iterator[str]:
    """The lines of the sitemap: every page, with itself in each language."""
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">'
    for page in (page for language in LANGUAGES for page in all_pages(language)):
        alternates = {language: url(page.in_language(language)) for language in LANGUAGES}
        yield f"<url><loc>{url(page)}</loc>"
        for language, href in {**alternates, "x-default": alternates["en"]}.items():
            yield f'<xhtml:link rel="alternate" hreflang="{language}" href={quoteattr(href)}/>'
        yield "</url>"
    yield "</urlset>"
