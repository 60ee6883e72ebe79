"""The files that machines read: `entries.json`, `llms.txt` and one sitemap for both languages."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from guide.addresses import short_address
from guide.pages import Page, all_pages
from guide.site.folder import Site
from guide.snippets import Snippet, all_snippets
from guide.tracebacks import last_traceback

CODE = re.compile(r"sqlalche\.me/e/\d+/(\w+)")
SITEMAP, XHTML = "http://www.sitemaps.org/schemas/sitemap/0.9", "http://www.w3.org/1999/xhtml"
LLMS = """\
# {site_name}

> {site_description}

Each link leads to a page in plain Markdown. Without `index.md`, the same address is the page for people.
{site}entries.json contains all entries with their recorded errors, and {site}e/<slug>/ leads people to an entry in
their language.
"""


def write(site: Site) -> None:
    for stale in site.folder.rglob("sitemap.xml*"):
        stale.unlink()
    (site.folder / "entries.json").write_text(json.dumps(entries(site), ensure_ascii=False, indent=1) + "\n")
    (site.folder / "llms.txt").write_text("\n".join(llms(site)))
    sitemap(site).write(site.folder / "sitemap.xml", encoding="UTF-8", xml_declaration=True)


def entries(site: Site) -> list[dict]:
    """All that has a short link, with its words and addresses."""
    befores = {
        path: snippet
        for snippet in all_snippets(site.project)
        for series in site.project.series
        for path in snippet.recordings(series)
        if snippet.must_fail
    }
    pages = all_pages(site.project, site.project.original)
    return [entry(site, page, befores) for page in pages if page.has_short_link]


def entry(site: Site, page: Page, befores: dict[Path, Snippet]) -> dict:
    pages = {language.code: page.in_language(language) for language in site.project.languages}
    texts = messages(page, befores)
    codes = CODE.findall("\n".join(text for of_series in texts.values() for text in of_series))
    return {
        "slug": page.slug,
        "code": next(iter(codes), None) if page.is_entry else page.slug,
        "titles": {language: page.title for language, page in pages.items()},
        "descriptions": {language: page.description for language, page in pages.items()},
        "answers": {language: page.answer for language, page in pages.items()},
        "messages": texts,
        "urls": {
            "short": site.url + short_address(page),
            **{language: site.address(page) for language, page in pages.items()},
            **{f"{language}_markdown": f"{site.address(page)}index.md" for language, page in pages.items()},
        },
    }


def messages(page: Page, befores: dict[Path, Snippet]) -> dict[str, list[str]]:
    """The errors and warnings that the page shows, as each series printed them."""
    shown = dict.fromkeys(befores[path] for path in page.included if path in befores)
    return {
        series: list(dict.fromkeys(text for snippet in shown for text in _messages(snippet, series)))
        for series in page.project.series
    }


def _messages(snippet: Snippet, series: str) -> Iterator[str]:
    text = snippet.recordings(series)[0].read_text()
    for mark in snippet.marks_on(series):
        if mark.kind == "warns":
            yield next(line for line in text.splitlines() if mark.promise in line)
        else:
            yield "\n".join(last_traceback(text)[1])


def llms(site: Site) -> Iterator[str]:
    """The lines of `llms.txt`: the navigation of each language, as links to Markdown."""
    project = site.project
    yield LLMS.format(**project.configurations[project.original], site=site.url)
    for language in project.languages:
        for item in project.configurations[language]["nav"]:
            [(title, below)] = item.items()
            yield f"## {title}\n"
            for page in (Page(project, project.docs / language.code / file) for file in _files(below)):
                yield f"- [{page.title}]({site.address(page)}index.md): {page.description}"
            yield ""


def _files(below: str | list[dict]) -> Iterator[str]:
    """The pages at or below an item of a navigation, in their order."""
    if isinstance(below, str):
        yield below
    else:
        yield from (file for item in below for one in item.values() for file in _files(one))


def sitemap(site: Site) -> ElementTree.ElementTree:
    """Every page, with itself in each language."""
    root = ElementTree.Element("urlset", {"xmlns": SITEMAP, "xmlns:xhtml": XHTML})
    for page in (page for language in site.project.languages for page in all_pages(site.project, language)):
        url = ElementTree.SubElement(root, "url")
        ElementTree.SubElement(url, "loc").text = site.address(page)
        alternates = {language.code: page.in_language(language) for language in site.project.languages}
        for code, twin in {**alternates, "x-default": page.original}.items():
            link = {"rel": "alternate", "hreflang": code, "href": site.address(twin)}
            ElementTree.SubElement(url, "xhtml:link", link)
    ElementTree.indent(root, "")
    return ElementTree.ElementTree(root)
