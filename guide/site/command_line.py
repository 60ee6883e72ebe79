"""The paste box for the command line: an archive with its scripts, at `diagnose.zip`, which needs only Node."""

import json
import tempfile
from pathlib import Path

from guide.site.folder import Site
from guide.site.machines import entries
from guide.site.programs import archive

SCRIPTS = ("diagnose.mjs", "diagnose.js", "expression.js", "traceback.js", "paste-index.json")


def write(site: Site) -> None:
    """Write the archive: the site's own scripts, and what they have to say of each entry."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for script in SCRIPTS:
            (folder / script).write_text((site.project.assets / script).read_text())
        (folder / "entries.json").write_text(json.dumps(entries(site), ensure_ascii=False))
        # Without it, Node takes a script for one of the older kind.
        (folder / "package.json").write_text('{"type": "module"}\n')
        archive(site.folder / "diagnose.zip", folder, sorted(folder.iterdir()))
