"""The theme's script and styles, made again by maintained tools with what the site needs of them, and committed."""

import copy
import json
import os
import shutil
import subprocess
from importlib.resources import files
from pathlib import PurePosixPath

import pytest
from lxml import html
from mkdocs.utils.yaml import yaml_load

REMADE = ("the theme, a style or a page needs other parts of it", "make theme")
# As much text of an article as stands on the first screen of any device, at most.
FIRST_SCREEN = 1500
LOOKS = ("home", "index", "matrix", "claims", "entry", "page")


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
def styles(project, theme, settings):
    """A function from how pages look to all that the theme and the site have for them, in its order."""
    of_theme = [path for name in ("main", "palette") for path in (theme / "stylesheets").glob(f"{name}.*.css")]
    own = project.root / "overrides/styles"

    def styles(look: str) -> str:
        names = settings["extra"]["styles"] + settings["extra"]["looks"][look]
        paths = [own / "arrived.css", *of_theme, *(own / f"{name}.css" for name in names)]
        return "".join(path.read_text() for path in paths)

    return styles


@pytest.fixture(scope="module")
def trees(pages):
    """The pages by how they look, without what no reader sees."""
    trees: dict[str, list] = {}
    for page in (page for page in pages if not page.only_leads_on):
        tree = copy.deepcopy(page.tree)
        [sheet] = tree.xpath("//body//link[@rel='stylesheet']/@href")
        for element in tree.xpath("//head/style | //script"):
            element.drop_tree()
        trees.setdefault(PurePosixPath(sheet).stem, []).append(tree)
    return trees


@pytest.fixture(scope="module", params=LOOKS)
def look(request, settings):
    assert tuple(settings["extra"]["looks"]) == LOOKS
    return request.param


def test_the_script_has_the_features_of_the_site(project, theme, settings, node, settle):
    [sources] = (theme / "javascripts").glob("bundle.*.js.map")
    made = node("script.mjs", str(sources), *settings["theme"]["features"])
    settle(project.assets / "theme.js", made, *REMADE)


def test_a_style_sheet_has_what_its_pages_have(project, look, styles, trees, node, settle):
    scripts = [path.read_text() for path in sorted(project.assets.glob("*.js"))]
    given = {"css": styles(look), "pages": [html.tostring(tree, encoding="unicode") for tree in trees[look]]}
    made = node("styles.mjs", given=json.dumps(given | {"scripts": scripts}))
    settle(project.assets / f"styles/{look}.css", made, *REMADE)


def test_the_first_styles_have_what_the_first_screen_has(project, look, styles, trees, node, settle):
    first = [html.tostring(first_screen(tree), encoding="unicode") for tree in trees[look]]
    made = node("styles.mjs", given=json.dumps({"css": styles(look), "pages": first, "scripts": []}))
    settle(project.root / f"overrides/styles/first/{look}.css", made, *REMADE)


def first_screen(tree):
    """A copy of a page whose article ends after the first screen, and whose frame is empty: see styles/first.css."""
    tree = copy.deepcopy(tree)
    for element in tree.xpath(
        "//header/* | //footer/* | //*[contains(@class, 'md-sidebar ')]/* | //*[@data-md-component='dialog']"
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
