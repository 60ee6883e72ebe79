"""A project with one entry, to try the machinery on: written from scratch, with real configurations and templates."""

import re
import shutil
from pathlib import Path

from guide.pages import all_pages
from guide.project import Project

BEFORE = """\
def main() -> None:
    # --8<-- [start:example]
    numbers = [1, 2]
    number = numbers[2]  # raises IndexError
    print(number)
    # --8<-- [end:example]


main()
"""
AFTER = BEFORE.replace("numbers[2]  # raises IndexError", "numbers[1]")
FACTS = """\
def last() -> str:
    numbers = [1, 2]
    assert numbers[-1] == 2
    return "2"


print(f"last: {last()}")
"""
# The same, run with every driver.
METADATA = '# /// script\n# dependencies = ["aiosqlite>=0.22,<1"]\n# ///\n'
ON_ANY_DRIVER = 'import os\n    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")\n    '
PAGE = """\
---
title: "{title}"
description: "{title}"
see: "{title}"
why: "{title}"
fix: "{title}"
{translates}---

# {title} {{ #too-far }}

**{title}**

## {title} {{ #example }}

```python hl_lines="2"
--8<-- "too-far/before.py:example"
```

```python hl_lines="2"
--8<-- "too-far/after-first.py:example"
```

```text
--8<-- "too-far/recorded/after-first.txt"
```

```diff
--8<-- "too-far/recorded/after-first.diff"
```

## {title} {{ #yours }}

--8<-- "too-far/recorded/yours.{language}.md"

## {title} {{ #symptom }}

--8<-- "too-far/recorded/before.{language}.md"

## {title} {{ #why }}

## {title} {{ #recognise }}

- {title} [{title}](code:too-far/facts.py){{ #fact-last .run }}

## {title} {{ #related }}

[{title}](#why)

## {title} {{ #verified }}

--8<-- "too-far/recorded/verified.md"

## {title} {{ #reproduce }}

--8<-- "too-far/recorded/reproduce.{language}.md"
"""
HOME = """\
---
title: "{title}"
description: "{title}"
{translates}---

# {title} {{ #home }}

--8<-- "home/proof.{language}.md"

--8<-- "home/rest.{language}.md"

<textarea id="traceback"></textarea>
"""
INDEX = """\
---
title: "{title}"
description: "{title}"
groups: [all]
{translates}---

# {title} {{ #all-causes }}

--8<-- "groups/causes.{language}.md"
"""
NAV = """
nav:
  - {home}: index.md
  - {home} 2:
      - {home}: causes/index.md
      - {group}:
          - {title}: causes/too-far.md
"""
RULES = """
[paste-box]
shared-message = "never printed"
missing-greenlet = "never printed"
left-by-driver = "never printed"
telling-tokens = "^called"
reasons = []
seen-through = []
by-products = []
untelling-messages = []
quoting = []
commonplace = []
also = {}
order = [
  "too-far",
]

[paste-box.guesses]
same-name-twice = []
computed = []
computed-name = "_at$"

[yours.signs]
"""
TITLES = {"en": ("Home", "Causes", "Too far"), "ja": ("ホーム", "原因", "範囲外")}
SHARED = ("overrides", "requirements", "templates", "mkdocs.base.yml")
BEFORE_PY, AFTER_PY = "snippets/too-far/before.py", "snippets/too-far/after-first.py"
FACTS_PY = "snippets/too-far/facts.py"


def tiny(real: Project, folder: Path) -> Project:
    """Write the project into `folder`: recorded nothing yet, otherwise without a mistake."""
    for part in SHARED:
        copy = shutil.copytree if (real.root / part).is_dir() else shutil.copy
        copy(real.root / part, folder / part)
    (folder / ".series").symlink_to(real.root / ".series")
    data = (real.root / "guide.toml").read_text().partition("# How the paste box answers.")[0]
    write(folder, "guide.toml", re.sub(r"with-every-driver = .*", "with-every-driver = []", data) + RULES)
    write(folder, "threads.csv", "page,error,url\n")
    write(folder, "redirects.txt", "causes/once-late causes/too-far\n")
    write(folder, "pyproject.toml", "[tool.pytest.ini_options]\n")
    write(folder, BEFORE_PY, BEFORE)
    write(folder, AFTER_PY, AFTER)
    write(folder, FACTS_PY, FACTS)
    for language in real.languages:
        write_language(folder, language.code, real.config(language).read_text(), *TITLES[language.code])
    return Project(folder)


def write_language(folder: Path, code: str, config: str, home: str, group: str, title: str) -> None:
    """Write the pages and the configuration of a language, whose hashes are still missing."""
    translates = "" if code == "en" else "translates: none\n"
    write(folder, f"docs/{code}/index.md", HOME.format(title=home, translates=translates, language=code))
    write(folder, f"docs/{code}/causes/index.md", INDEX.format(title=home, translates=translates, language=code))
    page = PAGE.format(title=title, translates=translates, language=code)
    write(folder, f"docs/{code}/causes/too-far.md", page)
    name = "mkdocs.yml" if code == "en" else f"mkdocs.{code}.yml"
    write(folder, name, config.partition("\nnav:")[0] + NAV.format(home=home, group=group, title=title))


def write(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text)


def set_hashes(project: Project) -> None:
    """Say of every translation that it was compared with its original."""
    for page in (page for language in project.translations for page in all_pages(project, language)):
        change(r"translates: \w+", f"translates: {page.original.hash}", page.path)


def change(old: str, new: str, *paths: Path) -> None:
    """Replace what the pattern `old` finds first in each file, which has to be there."""
    for path in paths:
        text, count = re.subn(old, lambda _: new, path.read_text(), count=1)
        assert count, f"{path} has no {old}"
        path.write_text(text)
