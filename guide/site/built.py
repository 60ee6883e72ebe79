"""Reading what was built."""

from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from lxml import html

from guide.project import Language, Project
from guide.site.folder import Site

LOADING = ("stylesheet", "icon", "preload", "preconnect", "dns-prefetch", "manifest", "modulepreload", "prefetch")
LINKED = ("h1", "h2", "h3", "h4", "span", "textarea")


class BuiltPage:
    """One HTML file of a built site."""

    def __init__(self, project: Project, site: Path, path: Path):
        self.project = project
        self.path = path
        self.address = path.relative_to(site).as_posix().removesuffix("index.html")
        self.tree = html.parse(path, html.HTMLParser(encoding="utf-8")).getroot()

    @property
    def language(self) -> Language:
        """The language whose folder it is in; the original language has no folder."""
        translations = (one for one in self.project.translations if self.address.startswith(one.folder))
        return next(translations, self.project.original)

    @property
    def address_in_language(self) -> str:
        """The address below the language's root, the same in every language."""
        return self.address.removeprefix(self.language.folder)

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
        """The text of each block of code, as included; not the words of scripts."""
        return [block.text_content() for block in self.tree.xpath("//pre[not(ancestor::template)]/code")]

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


def built_pages(project: Project, site: Path) -> list[BuiltPage]:
    return [BuiltPage(project, site, path) for path in sorted(site.rglob("*.html"))]


def dead_links(site: Site, pages: list[BuiltPage]) -> list[str]:
    """The broken links and files that the pages link to or load, if the folder is served at the site's address."""
    ids = {page.path: page.ids for page in pages}
    links = ((page, urljoin(site.url + page.address, link)) for page in pages for link in {*page.links, *page.loaded})
    return sorted(
        f"{page.address} leads to {target}, which does not exist"
        for page, target in links
        if urlsplit(target).scheme in ("http", "https") and not is_elsewhere(target, site.url)
        if not _resolves(site, target, ids)
    )


def _resolves(site: Site, target: str, ids: dict[Path, set[str]]) -> bool:
    if not target.startswith(site.url):
        return False
    parts = urlsplit(target.removeprefix(site.url))
    file = site.folder / unquote(parts.path)
    file = file / "index.html" if not parts.path or parts.path.endswith("/") else file
    return file.is_file() and (not parts.fragment or file.suffix != ".html" or unquote(parts.fragment) in ids[file])


def is_elsewhere(address: str, site_url: str) -> bool:
    """Whether `address` names another host than that of the site."""
    return bool(urlsplit(address).netloc) and urlsplit(address).netloc != urlsplit(site_url).netloc
