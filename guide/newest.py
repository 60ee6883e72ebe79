"""Puts the newest releases of SQLAlchemy and the drivers into the snippets' environments, pre-releases included."""

import subprocess
import sys

from guide.project import Project
from guide.runs import interpreter
from guide.snippets import WITHOUT_DRIVERS, WITHOUT_GREENLET


def install_newest(project: Project) -> None:
    """Upgrade every environment within its series. Raises CalledProcessError if pip fails."""
    for series in project.series:
        for environment in (series, series + WITHOUT_GREENLET, series + WITHOUT_DRIVERS):
            python = str(interpreter(project, environment))
            pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps"]
            subprocess.run([*pip, "--pre", "--upgrade", *newest(project, environment)], check=True)


def newest(project: Project, environment: str) -> list[str]:
    """The requirements of an environment's newest releases: those of its own series, however new another one is."""
    series = environment.partition("-")[0]
    lines = (project.requirements / f"{series}.in").read_text().splitlines()
    own = [line for line in lines if not line.startswith("#")]
    if environment != series:
        greenlet = ["greenlet"] if environment.endswith(WITHOUT_DRIVERS) else []
        return [*own, *greenlet, next(iter(project.drivers))]
    return [
        *own,
        "greenlet",
        *(package for driver in project.drivers.values() for package in (driver.package, *driver.needs)),
    ]
