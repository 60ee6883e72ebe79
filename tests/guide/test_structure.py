"""The package works on its own, its imports run one way, and it knows no entry by name."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import guide
from guide.pages import entry_pages

PACKAGE = Path(guide.__file__).parent


def modules() -> dict[str, ast.Module]:
    """The syntax trees of the package's modules, by their names."""
    paths = {path: path.relative_to(PACKAGE.parent).with_suffix("") for path in sorted(PACKAGE.rglob("*.py"))}
    return {".".join(name.parts).removesuffix(".__init__"): ast.parse(path.read_text()) for path, name in paths.items()}


def imported(tree: ast.Module) -> set[str]:
    """What a module imports, anywhere in it: for `from a import b` both `a` and `a.b`."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "relative imports hide which way an import runs"
            names |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_the_package_imports_nothing_from_tests_or_benchmarks():
    for name, tree in modules().items():
        assert not {one.partition(".")[0] for one in imported(tree)} & {"tests", "benchmarks", "conftest"}, name


def test_imports_within_the_package_run_one_way():
    found = modules()
    order = list(
        TopologicalSorter({name: imported(tree) & found.keys() for name, tree in found.items()}).static_order()
    )
    assert order.index("guide.project") < order.index("guide.snippets") < order.index("guide.matrix")
    assert order[-1] in ("guide.__main__", "guide.plugin")


def test_nothing_changes_where_python_looks_for_modules():
    root = PACKAGE.parent
    for path in (path for folder in ("guide", "tests", "benchmarks") for path in (root / folder).rglob("*.py")):
        assert "sys.path" + "." not in path.read_text(), path


def test_no_entry_is_named_in_code(project):
    """A name of several words, since a single one is a word of any text."""
    slugs = [page.slug for page in entry_pages(project) if "-" in page.slug]
    for path in (*PACKAGE.rglob("*.py"), *project.assets.glob("*.js")):
        assert not [slug for slug in slugs if slug in path.read_text()], path
