"""The theme's script and styles, made again by maintained tools with what the site needs of them, and committed."""

import copy
import json
import os
import shutil
import subprocess
from importlib.resources import files

import pytest
from lxml import html
from mkdocs.utils.yaml import yaml_load

REMADE = ("the theme, a style or a page needs other parts of it", "make theme")
# As much text of an article as stands on the first screen of any device, at most.
FIRST_SCREEN = 1500
# The pages that look like no other have first styles of their own.
FIRST = {"home": ("",), "matrix": ("matrix/",)}


@pytest.fixture(scope="module")
def node(project):
    """A function that runs one of the programs in theme/ with Node."""
    if not shutil.which("node") or not (project.root / "node_modules/purgecss").exists():
        reason = "no Node, or not what it needs: `make lint` installs that"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)

    def node(program: str, *arguments, given: str = "") -> str:
        command = ["node", f"theme/{program}", *arguments]
        done = subprocess.run(command, cwd=project.root, input=given, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return node


@pytest.fixture(scope="module")
def theme():
    """The folder of what the theme itself sends."""
    return files("material") / "templates" / "assets"


@pytest.fixture(scope="module")
def settings(project):
    with (project.root / "mkdocs.base.yml").open() as source:
        return yaml_load(source)


@pytest.fixture(scope="module")
def styles(project, theme, settings) -> str:
    """All that the theme and the site have, in their order."""
    styles = project.root / "overrides/styles"
    of_theme = (theme / "stylesheets").glob("main.*.css"), (theme / "stylesheets").glob("palette.*.css")
    own = (styles / f"{name}.css" for name in settings["extra"]["styles"])
    return "".join(path.read_text() for paths in ([styles / "arrived.css"], *of_theme, own) for path in paths)


@pytest.fixture(scope="module")
def trees(pages):
    """Each page by its address, without what no reader sees."""
    trees = {page.address: copy.deepcopy(page.tree) for page in pages if not page.only_leads_on}
    for tree in trees.values():
        for element in tree.xpath("//head/style | //script"):
            element.drop_tree()
    return trees


def test_the_script_has_the_features_of_the_site(project, theme, settings, node, settle):
    [sources] = (theme / "javascripts").glob("bundle.*.js.map")
    made = node("script.mjs", str(sources), *settings["theme"]["features"])
    settle(project.assets / "theme.js", made, *REMADE)


def test_the_style_sheet_has_what_the_pages_have(project, styles, trees, node, settle):
    scripts = [path.read_text() for path in sorted(project.assets.glob("*.js"))]
    given = {"css": styles, "pages": [html.tostring(tree, encoding="unicode") for tree in trees.values()]}
    made = node("styles.mjs", given=json.dumps(given | {"scripts": scripts}))
    settle(project.assets / "guide.css", made, *REMADE)


@pytest.mark.parametrize("kind", [*FIRST, "page"])
def test_the_first_styles_have_what_the_first_screen_has(kind, project, styles, trees, node, settle):
    others = {address for addresses in FIRST.values() for address in addresses}
    of_kind = [
        tree
        for address, tree in trees.items()
        if (path := without_language(project, address)) in FIRST.get(kind, ()) or kind == "page" and path not in others
    ]
    assert of_kind
    first = [html.tostring(first_screen(tree), encoding="unicode") for tree in of_kind]
    made = node("styles.mjs", given=json.dumps({"css": styles, "pages": first, "scripts": []}))
    settle(project.root / f"overrides/styles/first/{kind}.css", made, *REMADE)


def without_language(project, address: str) -> str:
    folders = [language.folder for language in project.languages if language.folder]
    return next((address.removeprefix(folder) for folder in folders if address.startswith(folder)), address)


def first_screen(tree):
    """A copy of a page whose article ends after the first screen, and whose frame is empty: see styles/first.css."""
    tree = copy.deepcopy(tree)
    for element in tree.xpath(
        "//header/* | //footer/* | //*[@data-md-component='sidebar']/* | //*[@data-md-component='dialog']"
    ):
        element.drop_tree()
    for article in tree.xpath("//article"):
        text = 0
        for element in article.iterchildren():
            if text > FIRST_SCREEN:
                article.remove(element)
            else:
                text += len(element.text_content())
    return tree
