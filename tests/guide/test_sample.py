"""The sample that is run by its published addresses: in time each example that needs no server."""

from guide.sample import drawn, named_as
from guide.snippets import Snippet, all_snippets
from guide.tracebacks import last_own_line


def test_each_before_without_a_server_has_its_turn(project):
    seen = [snippet for week in range(1, 54) for snippet in drawn(project, week)]
    embedded = {snippet for snippet in all_snippets(project) if snippet.must_fail and snippet.driver == "aiosqlite"}
    marked = {snippet for snippet in embedded if snippet.marks_on(project.series[-1])}
    assert marked <= set(seen)
    assert len(drawn(project, 1)) < 30


def test_a_downloaded_example_is_known_by_its_name(project):
    snippet = Snippet(project, project.snippets / "expired-after-commit" / "before.py")
    stderr = (
        "Traceback (most recent call last):\n"
        '  File "/tmp/before04OyvV.py", line 41, in <module>\n'
        '  File "/tmp/before04OyvV.py", line 35, in main\n'
        "sqlalchemy.exc.MissingGreenlet: greenlet_spawn has not been called\n"
    )
    assert last_own_line(named_as(snippet, stderr), snippet.path) == 35
