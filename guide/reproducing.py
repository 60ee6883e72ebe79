"""The include with the commands that reproduce an error, and with links to the whole files."""

from pathlib import Path
from textwrap import indent

from guide.addresses import PLACEHOLDER
from guide.project import Language, Project
from guide.snippets import Snippet, all_snippets, project_files


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
    """A tab for uv and one for pip; with uv, a file that runs alone needs only its address."""
    first = snippets[0]
    packages = " ".join(f'"{one}"' for one in first.requirements)
    install = f"pip install {packages}\n" if packages else ""
    tabs = {
        "uv": f"uv run {PLACEHOLDER}code/{first.slug}/{first.path.name}",
        "pip": f"{install}python {first.path.name}",
    }
    paths = [snippet.path.relative_to(first.path.parent).as_posix() for snippet in snippets]
    if files := project_files(first.path.parent):
        archive, program = f"{first.slug}.zip", f"{first.slug}/{first.path.name}"
        get = f"curl -O {PLACEHOLDER}code/{first.slug}/{archive}\npython -m zipfile -e {archive} .\n"
        tabs = {"uv": f"{get}uv run {program}", "pip": f"{get}{install}python {program}"}
        paths = [archive, *paths, *(path.relative_to(first.path.parent).as_posix() for path in files)]
    fences = {label: indent(f"```sh\n{code}\n```\n", "    ") for label, code in tabs.items()}
    blocks = [f'=== "{label}"\n\n{fence}' for label, fence in fences.items()]
    links = ", ".join(f"[{path}](code:{first.slug}/{path})" for path in paths)
    return "\n".join([*blocks, f"{first.project.words(language)['whole_files']}{links}", ""])
