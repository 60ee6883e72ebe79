"""The snippets as files of the site, at `code/<slug>/…`: what a reader runs by its address, and what facts printed.

A folder whose programs run a project is there as an archive too, because a reader needs all of its files.
"""

import shutil
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from guide.addresses import redirects
from guide.site.folder import Site
from guide.snippets import project_files


def write(site: Site) -> None:
    """Write them; those of a renamed entry also at its old address, because only pages can be redirected."""
    renamed = [(Path(new).name, Path(old).name) for old, new in redirects(site.project).items()]
    for source in sorted(path for path in site.project.snippets.iterdir() if path.is_dir()):
        files = project_files(source)
        programs = sorted(source.glob("*.py"))
        for slug in (source.name, *(old for new, old in renamed if new == source.name)):
            folder = site.folder / "code" / slug
            for path in (*programs, *files, *source.glob("recorded/facts.txt")):
                copy = folder / path.relative_to(source)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
            if files:
                archive(folder / f"{slug}.zip", source, [*programs, *files])


def archive(archive: Path, source: Path, files: list[Path]) -> None:
    """Write files into an archive, in a folder of its name, without times: equal files make an equal archive."""
    with ZipFile(archive, "w") as written:
        for path in files:
            name = Path(archive.stem, path.relative_to(source)).as_posix()
            written.writestr(ZipInfo(name), path.read_bytes())
