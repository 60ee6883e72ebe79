"""The pages that only lead on: short links to the page in each language, and old addresses to new ones."""

from html import escape
from pathlib import Path
from string import Template

from finishing.addresses import address, redirects, short_address, url
from pages import Page, all_pages
from project import DOCS, LANGUAGES

HTML = Template("""\
<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$title</title>
<link rel="canonical" href="$canonical">
<link rel="icon" href="${root}assets/favicon.svg">
<script type="module" src="${root}assets/forward.js"></script>
</head>
<body>
<ul>
$links
</ul>
</body>
</html>
""")
LINK = Template('<li><a href="$root$address" lang="$language" hreflang="$language">$title</a></li>')


def write(site: Path) -> None:
    for page in (page for page in all_pages("en") if page.has_short_link):
        forward(site, short_address(page), [page.in_language(language) for language in LANGUAGES])
    for old, new in redirects().items():
        pages = [Page(DOCS / language / f"{new}.md") for language in LANGUAGES]
        gone = [Page(DOCS / language / f"{old}.md") for language in LANGUAGES]
        for page, target in zip(gone, pages, strict=True):
            forward(site, address(page), [target])
            (site / address(page) / "index.md").write_text(f"Moved: [{target.meta['title']}]({url(target)}index.md)\n")
        if gone[0].has_short_link:
            forward(site, short_address(gone[0]), pages)


def forward(site: Path, old: str, pages: list[Page]) -> None:
    """Write the page at `old` that leads to the one of `pages` in the language that the browser asks for."""
    root = "../" * old.count("/")
    links = [
        LINK.substitute(root=root, address=address(page), language=page.language, title=escape(page.meta["title"]))
        for page in pages
    ]
    text = HTML.substitute(
        language=pages[0].language,
        title=escape(pages[0].meta["title"]),
        canonical=url(pages[0]),
        root=root,
        links="\n".join(links),
    )
    folder = site / old
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(text)
