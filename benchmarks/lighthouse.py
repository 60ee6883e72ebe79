"""What Lighthouse says of a page of each kind. Performance, the median of some runs, counts on an idle machine only."""

import json
import os
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

from benchmarks.weight import PAGES, PROJECT, Server
from guide.site.building import build
from guide.site.folder import DEFAULT_URL, Site
from tests.conftest import CHROMIUM

LIGHTHOUSE = "lighthouse@12.8.2"
FLAGS = "--headless --no-sandbox --disable-gpu"
ROUNDS = 3


def rate(address: str) -> dict[str, dict]:
    """Lighthouse's categories for a page, each with its audits."""
    chromium = next(filter(None, map(shutil.which, ("chromium", *CHROMIUM))))
    command = ["npx", "--yes", LIGHTHOUSE, address, "--quiet", "--output=json", f"--chrome-flags={FLAGS}"]
    environ = os.environ | {"CHROME_PATH": chromium}
    done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, text=True, check=True)
    report = json.loads(done.stdout)
    return {
        category["title"]: {
            "score": round(100 * category["score"]),
            "failed": [one["id"] for one in category["auditRefs"] if one["weight"] and _failed(report, one["id"])],
        }
        for category in report["categories"].values()
    }


def _failed(report: dict, audit: str) -> bool:
    score = report["audits"][audit]["score"]
    return score is not None and score < 0.9


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        site = Path(name, "site")
        build(Site.at(PROJECT, site, DEFAULT_URL))
        server = Server(site)
        for language in PROJECT.languages:
            for kind, path in PAGES.items():
                runs = [rate(server.address + language.folder + path) for _ in range(ROUNDS)]
                said = [
                    f"{title} {statistics.median(run[title]['score'] for run in runs)}"
                    + "".join(f" ({audit})" for audit in last["failed"])
                    for title, last in runs[-1].items()
                ]
                print(f"{language} {kind}: {', '.join(said)}", flush=True)


if __name__ == "__main__":
    main()
