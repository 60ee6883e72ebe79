"""The Content-Security-Policy of each page: only scripts and styles of this site, inline ones by their hash."""

import re
from base64 import b64encode
from hashlib import sha256

from guide.project import Project
from guide.site.folder import Site

POLICY = (
    "default-src 'none'; script-src 'self'{scripts}; style-src 'self'{styles}; img-src 'self' data:; "
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'"
)
META = re.compile(r'\n<meta http-equiv="Content-Security-Policy"[^>]*>')
CHARSET = '<meta charset="utf-8">'
INLINE = re.compile(r"<(?P<kind>script|style)(?P<attributes>[^>]*)>(?P<text>.*?)</(?P=kind)>", re.DOTALL)
DATA = ("application/json", "application/ld+json")
# The only part of the theme's scripts that depends on the page.
SCOPE = re.compile(r'(?<=__md_scope=new URL\()"[^"]*"')
# What Zensical's search puts into each page once it runs.
ZENSICAL = '<meta name="generator" content="zensical'
ZENSICAL_STYLE = "sha256-NwSx/R2V/U4jnW0Tq5pQ53Y/rzPVJ4dqE7D6UTA/J1k="
# The theme's inline scripts, by their hash without SCOPE.
THEME = (
    "sha256-B11cEfQVFoln07gUguTt00irpvrrn5O39Dh0i9+Qc8Q=",  # reads and writes what the reader chose
    "sha256-DABpBMSWXw2KggQCH9dNc95/I6TL+6YKXYMu+s25yNY=",  # the same in Zensical
)


def write(site: Site) -> None:
    own = own_scripts(site.project)
    for path in site.folder.rglob("*.html"):
        html = META.sub("", path.read_text())
        policy = POLICY.format(
            scripts="".join(f" '{hashed(text)}'" for text in inline_scripts(html) if is_known(text, own)),
            styles="".join(f" '{style}'" for style in styles(html)),
        )
        meta = f'\n<meta http-equiv="Content-Security-Policy" content="{policy}">'
        path.write_text(html.replace(CHARSET, CHARSET + meta, 1))


def inline(html: str, kind: str) -> list[str]:
    """The text of each inline element of a kind that a browser obeys."""
    return [
        found["text"]
        for found in INLINE.finditer(html)
        if found["kind"] == kind
        and "src=" not in found["attributes"]
        and not any(type in found["attributes"] for type in DATA)
    ]


def inline_scripts(html: str) -> list[str]:
    return inline(html, "script")


def styles(html: str) -> list[str]:
    """The hashes of what a page puts into <style>, or has put there by its scripts."""
    by_script = [ZENSICAL_STYLE] if ZENSICAL in html else []
    return [hashed(text) for text in inline(html, "style")] + by_script


def own_scripts(project: Project) -> set[str]:
    """The site's own scripts, which are checked like any other file."""
    return {file.read_text().strip() for file in project.assets.glob("*.js")}


def is_known(script: str, own: set[str]) -> bool:
    """Whether an inline script is the theme's, or one of the site's own."""
    return identity(script) in THEME or script.strip() in own


def identity(script: str) -> str:
    return hashed(SCOPE.sub("", script))


def hashed(text: str) -> str:
    """As policies name a text."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
