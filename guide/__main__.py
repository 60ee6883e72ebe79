"""The command line that the Makefile calls: `python -m guide --help`."""

import os
import sys
from datetime import date
from pathlib import Path

import click

from guide import sample
from guide.beginning import begin
from guide.newest import install_newest
from guide.project import Project
from guide.renaming import rename
from guide.serving import serve
from guide.site.building import BuildFailed, build, complete
from guide.site.folder import DEFAULT_URL, Site, WrongAddress
from guide.slugs import Refused

PROJECT = Project(Path(__file__).resolve().parents[1])


@click.group()
def guide() -> None:
    """Serve, build and extend the guide."""


@guide.command("serve")
def serve_command() -> None:
    """Serve all languages at SITE_URL, and show what changes."""
    serve(_site(Path("site")))


@guide.command("build")
@click.argument("folder", type=click.Path(path_type=Path))
def build_command(folder: Path) -> None:
    """Build all languages for SITE_URL into FOLDER, which is replaced."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "sitemap.xml").exists():
        raise Refused(f"{folder} isn't a built site, and would be replaced: choose another folder")
    build(_site(folder))


@guide.command("complete")
@click.argument("folder", type=click.Path(path_type=Path))
def complete_command(folder: Path) -> None:
    """Add short links, files for machines and the policy to what a builder built in FOLDER."""
    if not (folder / "index.html").is_file():
        raise Refused(f"{folder} isn't a built site: build it first")
    complete(_site(folder))


@guide.command("new")
@click.argument("slug")
@click.argument("folder")
@click.argument("fix")
def new_command(slug: str, folder: str, fix: str) -> None:
    """Begin the entry SLUG in FOLDER of docs, with one FIX."""
    click.echo(begin(PROJECT, slug, folder, fix))


@guide.command("rename")
@click.argument("old")
@click.argument("new")
def rename_command(old: str, new: str) -> None:
    """Give the entry OLD the slug NEW."""
    rename(PROJECT, old, new)


@guide.command("newest")
def newest_command() -> None:
    """Install the newest releases of each series, and of the drivers, into the snippets' environments."""
    install_newest(PROJECT)


@guide.command("reproduce")
def reproduce_command() -> None:
    """Run a sample of the examples by their addresses at SITE_URL, other ones each week; needs uv."""
    week = date.today().isocalendar().week
    if found := list(sample.problems(PROJECT, _site(Path("site")).url, week)):
        raise Refused("\n".join(found))


def _site(folder: Path) -> Site:
    return Site.at(PROJECT, folder.resolve(), os.environ.get("SITE_URL", DEFAULT_URL))


def main() -> None:
    """Run a command; if it can't be done, print the reason in one line and exit with status 1."""
    try:
        guide(standalone_mode=False)
    except click.ClickException as error:
        sys.exit(error.format_message())
    except (Refused, WrongAddress, BuildFailed, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
