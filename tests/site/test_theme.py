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

REMADE = ("the theme, a style, a script or a page needs other parts of it", "make theme")
# The parts of an article that are text, and shown before the style sheet has come: see overrides/styles/waiting.css.
TEXT = (
    "self::h1 or self::h2 or self::h3 or self::p or self::ul or self::ol or self::form or self::noscript"
    " or @class = 'guide-head' or @class = 'paste-box'"
)
WAITING = (
    "//header/*/*",
    "//footer",
    "//*[contains(@class, 'md-sidebar ')]/*",
    f"//article/*[not({TEXT})]",
    f"//article/*[not({TEXT})]/following-sibling::*",
    "//article/following-sibling::*",
    "//*[@id = 'guide-offer']",
    "//*[@class = 'guide-reply']/*[not(self::button)]",
    "//*[@data-md-component = 'dialog']",
)
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


def test_the_scripts_of_the_site_are_one_file(project, node, settle):
    settle(project.assets / "site.js", node("script.mjs"), *REMADE)


def test_a_style_sheet_has_what_its_pages_have(project, look, styles, trees, node, settle):
    scripts = [path.read_text() for path in sorted(project.assets.glob("*.js"))]
    given = {"css": styles(look), "pages": [html.tostring(tree, encoding="unicode") for tree in trees[look]]}
    made = node("styles.mjs", given=json.dumps(given | {"scripts": scripts}))
    settle(project.assets / f"styles/{look}.css", made, *REMADE)


def test_the_first_styles_have_what_the_first_screen_has(project, look, styles, trees, node, settle):
    first = [html.tostring(first_screen(tree), encoding="unicode") for tree in trees[look]]
    schemes = [f'<i data-md-color-scheme="{name}">' for name in trees[look][0].xpath("//input/@data-md-color-scheme")]
    given = {"css": styles(look), "pages": first + schemes, "scripts": []}
    made = node("styles.mjs", "--first", given=json.dumps(given))
    settle(project.root / f"overrides/styles/first/{look}.css", made, *REMADE)


def first_screen(tree):
    """A copy of a page without what waits for the style sheet."""
    tree = copy.deepcopy(tree)
    for element in tree.xpath(" | ".join(WAITING)):
        element.drop_tree()
    return tree
