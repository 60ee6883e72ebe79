"""The pages of all languages say the same, show every snippet and recording, and lead nowhere wrong."""

from guide.checks import problems, project_problems
from guide.facts import statements
from guide.pages import Page
from guide.plugin import fail_with
from guide.threads import times_met


def test_a_page_has_no_problems(document):
    fail_with(problems(document))


def test_the_pages_have_no_problems_together(project):
    fail_with(project_problems(project))


def test_the_techniques_for_what_more_threads_are_about_come_first(project):
    remedies, met = project.data["remedies"], times_met(project)
    languages = [one for one in project.languages if (project.docs / one.code / remedies["page"]).exists()]
    answered = [page for pages in remedies["rows"].values() for page in pages if languages]
    assert len(answered) == len(set(answered)), "a page of [remedies.rows] in guide.toml is in two rows"
    unmet = [page for page in answered if not met[page]]
    assert not unmet, f"no thread about MissingGreenlet is answered by {unmet}: correct [remedies.rows] in guide.toml"
    for language in languages:
        page = Page(project, project.docs / language.code / remedies["page"])
        rows = [one.links[-1]["name"] for one in statements(page) if one.text.startswith("|") and one.links]
        assert set(remedies["rows"]) <= set(rows), f"{page} has no row for {set(remedies['rows']) - set(rows)}"
        times = {row: sum(met[answer] for answer in remedies["rows"].get(row, ())) for row in rows}
        ordered = sorted(rows, key=lambda row: -times[row])
        assert rows == ordered, f"{page}: order the rows by their threads in threads.csv: {', '.join(ordered)}"
