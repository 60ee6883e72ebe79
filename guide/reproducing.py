"""The include with the commands that reproduce an error, and with links to the whole files."""

from pathlib import Path
from textwrap import indent

from guide.addresses import PLACEHOLDER
from guide.project import Language, Project
from guide.snippets import Snippet, all_snippets


def reproductions(project: Project) -> dict[Path, str]:
    """The files to include, one for each folder of snippets and each language, and what has to be in each."""
    of_slug: dict[str, list[Snippet]] = {}
    for snippet in sorted(all_snippets(project), key=_place):
        if not snippet.is_facts:
            of_slug.setdefault(snippet.slug, []).append(snippet)
    return {
        project.snippets / slug / "recorded" / f"reproduce.{language}.md": _reproduction(snippets, language)
        for slug, snippets in of_slug.items()
        for language in project.languages
    }


def _place(snippet: Snippet) -> tuple[bool, bool, Path]:
    """What to reproduce first: `before.py`, then what else fails."""
    return not snippet.must_fail, snippet.path.stem != "before", snippet.path


def _reproduction(snippets: list[Snippet], language: Language) -> str:
    """A tab for uv, which takes an address, and one for pip; uv's only where the first file runs alone."""
    first = snippets[0]
    packages = " ".join(f'"{one}"' for one in first.requirements)
    tabs = {"pip": (f"pip install {packages}\n" if packages else "") + f"python {first.path.name}"}
    files = sorted(first.path.parent.glob("project/*.*"))
    if not files:
        tabs = {"uv": f"uv run {PLACEHOLDER}code/{first.slug}/{first.path.name}", **tabs}
    fences = {label: indent(f"```sh\n{code}\n```\n", "    ") for label, code in tabs.items()}
    blocks = [f'=== "{label}"\n\n{fence}' for label, fence in fences.items()]
    paths = [snippet.path.relative_to(first.path.parent) for snippet in snippets]
    paths += [path.relative_to(first.path.parent) for path in files]
    links = ", ".join(f"[{path}](code:{first.slug}/{path})" for path in paths)
    return "\n".join([*blocks, f"{first.project.words(language)['whole_files']}{links}", ""])
