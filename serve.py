"""Serves both languages on one address and reloads the browser when a page, a snippet or the theme changes."""

import logging
import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.livereload import LiveReloadServer

from finish import finish

ROOT = Path(__file__).parent
CONFIGS = {"mkdocs.yml": "", "mkdocs.ja.yml": "ja"}
WATCHED = (*CONFIGS, "mkdocs.base.yml", "docs", "snippets", "overrides")


def main() -> None:
    address = urlsplit(os.environ["SITE_URL"])
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with tempfile.TemporaryDirectory() as site:

        def build_both() -> None:
            """Build English first, because it empties the folder that Japanese goes into."""
            for config, folder in CONFIGS.items():
                build(load_config(str(ROOT / config), site_dir=str(Path(site, folder))))
            finish(Path(site))

        build_both()
        server = LiveReloadServer(build_both, address.hostname, address.port or 80, root=site, mount_path=address.path)
        for path in WATCHED:
            server.watch(str(ROOT / path))
        try:
            server.serve()
        except KeyboardInterrupt:
            server.shutdown()


main()
