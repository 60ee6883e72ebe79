"""Whoever has no traceback comes to every cause, by few questions."""

from guide.pages import Page, entry_pages
from guide.which import FIRST, PAGE, answers, paths, questions, which

MOST_QUESTIONS = 3


def pages(project):
    """The page in each language; none in a project without it."""
    found = [Page(project, project.docs / language.code / PAGE) for language in project.languages]
    return [page for page in found if page.path.exists()]


def test_every_cause_is_reached(project):
    causes = {page.slug for page in entry_pages(project) if page.relative.parts[0] == "causes"}
    for page in pages(project):
        reached = {way[-1] for way in paths(page)}
        missing = causes - reached
        assert not missing, f"{page}: add an answer that leads to {', '.join(sorted(missing))}"


def test_no_way_has_more_questions_than_promised(project):
    for page in pages(project):
        for way in paths(page):
            assert len(way) - 1 <= MOST_QUESTIONS, f"{page}: {' > '.join(way)} asks too much"
            assert way[-1] not in questions(page), f"{page}: {' > '.join(way)} goes in a circle"


def test_every_question_is_asked(project):
    for page in pages(project):
        assert {question for way in paths(page) for question in way[:-1]} == set(questions(page))
        assert next(iter(questions(page))) == FIRST


def test_every_answer_leads_to_a_question_or_to_a_page_with_its_fix(project):
    written = {path.name: text for path, text in which(project).items()}
    for page in pages(project):
        text = written[f"questions.{page.language}.md"]
        entries = {entry.slug: entry for entry in entry_pages(project, page.language)}
        for target in (way[-1] for way in paths(page)):
            if target in entries:
                line = next(line for line in text.splitlines() if f"]({entries[target].relative.as_posix()})" in line)
                assert entries[target].answer, target
                assert line.endswith(entries[target].answer), line
            else:
                assert (page.path.parent / target).exists(), f"{page}: {target} leads nowhere"


def test_the_languages_ask_the_same(project):
    def tree(page: Page) -> list[tuple[str, list[str]]]:
        return [(id, [target for target, _ in answers(question)]) for id, question in questions(page).items()]

    trees = [tree(page) for page in pages(project)]
    for other in trees[1:]:
        assert other == trees[0]
