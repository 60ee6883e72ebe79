"""Adds to a built site what neither pages nor templates can: short links, redirects, files for machines, the policy.

It runs after any builder, on the folder that both languages were built into, and as often as you like.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "tests"))

from finishing import forwarding, machines, policy, renditions


def finish(site: Path) -> None:
    """Add all but the policy, which forbids the script that `make serve` puts into each page to reload it."""
    forwarding.write(site)
    machines.write(site)
    renditions.write(site)


def main(site: str) -> None:
    finish(Path(site))
    policy.write(Path(site))


if __name__ == "__main__":
    main(*sys.argv[1:])
