"""Languages, series and drivers are data: one more of each is added without touching the package, and all passes."""

import json
import shutil

from guide.pages import all_pages
from guide.project import Project
from guide.site.building import build
from guide.site.built import built_pages, dead_links
from guide.site.folder import Site
from tests.guide.tiny import AFTER_PY, BEFORE_PY, METADATA, ON_ANY_DRIVER, change, set_hashes, write_language

FRENCH = """\
    - lang: fr
      name: Français
      folder: fr/
      not_found: { title: Page introuvable, before: Rien ici., paste: Collez, between: ou, search: cherchez, after: . }
"""


def test_a_third_language_a_third_series_and_a_sixth_driver_are_added_as_data(a_tiny_project, run_tests_on, tmp_path):
    root = a_tiny_project.root
    change("markdown_extensions:", f"{FRENCH}\nmarkdown_extensions:", root / "mkdocs.base.yml")
    config = (root / "mkdocs.ja.yml").read_text().replace("ja", "fr").replace("SITE_URL_JA", "SITE_URL_FR")
    write_language(root, "fr", config, "Accueil", "Causes", "Trop loin")
    for template in ("page.{}.md", "nav.{}.yml"):
        shutil.copy(root / "templates" / template.format("en"), root / "templates" / template.format("fr"))
    change(r'series: \["2.0", "2.1"\]', 'series: ["2.0", "2.1", "2.2"]', root / "mkdocs.base.yml")
    change(r"\[facts.absolute\]", '[facts.absolute]\nfr = ["toujours"]', root / "guide.toml")
    psycopg = 'psycopg_async = { database = "postgresql", package = "psycopg" }\n'
    for driver in ("asyncmy", "aiomysql"):
        change(f"{driver} = .*\n", "", root / "guide.toml")
    change("psycopg = ", f"{psycopg}psycopg = ", root / "guide.toml")
    for lock in ("in", "txt"):
        shutil.copy(root / f"requirements/2.1.{lock}", root / f"requirements/2.2.{lock}")
    environments = root / ".series"
    real = environments.resolve()
    environments.unlink()
    environments.mkdir()
    for name in (*(path.name for path in real.iterdir()), "2.2", "2.2-without-greenlet", "2.2-without-drivers"):
        (environments / name).symlink_to(real / name.replace("2.2", "2.1"))
    for file in (BEFORE_PY, AFTER_PY):
        change(r"numbers = ", f"{ON_ANY_DRIVER}numbers = ", root / file)
        (root / file).write_text(METADATA + (root / file).read_text())
    for page in [root / f"docs/{code}/causes/too-far.md" for code in ("en", "ja", "fr")] * 2:
        change('hl_lines="2"', 'hl_lines="4"', page)
    project = Project(root)
    done = run_tests_on(project, "--record", "snippets/")
    assert done.returncode == 0, done.stdout
    set_hashes(project)
    done = run_tests_on(project, "snippets/", "pages/")
    assert done.returncode == 0, done.stdout
    outcomes = (root / "snippets/matrix.csv").read_text()
    assert "too-far,before.py,2.2,psycopg_async,IndexError\n" in outcomes
    assert '=== "SQLAlchemy 2.2"' in (root / "snippets/too-far/recorded/before.fr.md").read_text()
    site = Site.at(project, tmp_path / "site", "http://127.0.0.1:8000")
    build(site)
    pages = built_pages(project, site.folder)
    assert dead_links(site, pages) == []
    assert {page.language.code for page in pages if page.is_content} == {"en", "ja", "fr"}
    assert len([page for page in pages if page.is_content]) == 3 * len(all_pages(project, project.original))
    [entry] = json.loads((site.folder / "entries.json").read_text())
    assert entry["titles"] == {"en": "Too far", "ja": "範囲外", "fr": "Trop loin"}
    assert entry["messages"].keys() == {"2.0", "2.1", "2.2"}
    assert "Page introuvable" in (site.folder / "404.html").read_text()
