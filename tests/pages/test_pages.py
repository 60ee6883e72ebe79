"""The pages of all languages say the same, show every snippet and recording, and lead nowhere wrong."""

from guide.checks import problems, project_problems
from guide.plugin import fail_with


def test_a_page_has_no_problems(document):
    fail_with(problems(document))


def test_the_pages_have_no_problems_together(project):
    fail_with(project_problems(project))
