"""The pages that only redirect: short links to the page in each language, and old addresses to new ones."""

from html import escape
from string import Template

from guide.addresses import address, redirects, short_address
from guide.pages import Page, all_pages
from guide.site.folder import Site

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


def write(site: Site) -> None:
    project = site.project
    for page in (page for page in all_pages(project, project.original) if page.has_short_link):
        forward(site, short_address(page), [page.in_language(language) for language in project.languages])
    for old, new in redirects(project).items():
        gone, pages = (
            [Page(project, project.docs / language.code / f"{path}.md") for language in project.languages]
            for path in (old, new)
        )
        for page, target in zip(gone, pages, strict=True):
            forward(site, address(page), [target])
            moved = f"Moved: [{target.title}]({site.address(target)}index.md)\n"
            (site.folder / address(page) / "index.md").write_text(moved)
        if gone[0].has_short_link:
            forward(site, short_address(gone[0]), pages)


def forward(site: Site, old: str, pages: list[Page]) -> None:
    """Write the page at `old` that leads to the one of `pages` in the language that the browser asks for."""
    root = "../" * old.count("/")
    links = [
        LINK.substitute(root=root, address=address(page), language=page.language, title=escape(page.title))
        for page in pages
    ]
    text = HTML.substitute(
        language=pages[0].language,
        title=escape(pages[0].title),
        canonical=site.address(pages[0]),
        root=root,
        links="\n".join(links),
    )
    folder = site.folder / old
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(text)
