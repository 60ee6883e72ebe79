"""Which slugs an entry may have."""

import re

from guide.addresses import successor
from guide.project import Project

KEBAB_CASE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class Refused(ValueError):
    """A command can't be carried out; the message says in one line why, and what to do."""


def check_kebab_case(what: str, value: str) -> None:
    """Raise Refused if the `value` of the variable `what` isn't a slug."""
    if not value:
        raise Refused(f"{what} is missing: add {what}=…")
    if not KEBAB_CASE.fullmatch(value):
        raise Refused(f"{what}={value} is not kebab-case: lower-case ASCII words joined by hyphens")


def check_free(project: Project, what: str, slug: str, former: str = "") -> None:
    """Raise Refused if a slug is in use, or leads to another entry than the one that had it, `former`."""
    there = [project.snippets / slug, *project.docs.rglob(f"{slug}.md")]
    if taken := next((path for path in there if path.exists()), None):
        raise Refused(f"{what}={slug} is taken by {project.name(taken)}: choose another")
    if (moved := successor(project, slug)) and not moved.endswith(f"/{former}"):
        raise Refused(f"{what}={slug} leads to {moved}, by redirects.txt: choose another")
