"""Facts can fail: change the cause in the program, and no assertion, and the fact that depends on it is red."""

import shutil
import tomllib
from pathlib import Path

import pytest

from guide.facts import FUNCTION
from guide.snippets import FACTS, Snippet

MUTATIONS = tomllib.loads(Path(__file__).with_name("mutations.toml").read_text())["mutation"]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation["fact"])
def test_a_fact_fails_without_its_cause(mutation, project, runner, tmp_path):
    slug, name = mutation["fact"].split("/")
    facts = Snippet(project, project.snippets / slug / FACTS)
    program = facts.path.read_text()
    changed = [line for line in program.splitlines() if mutation["old"] in line]
    assert changed or "\n" in mutation["old"], f"{facts} has no `{mutation['old']}` any more: change another cause"
    assert not [line for line in changed if "assert" in line], "change the cause, not what is asserted"
    copy = shutil.copytree(facts.path.parent, tmp_path / slug) / FACTS
    copy.write_text(program.replace(mutation["old"], mutation["new"]))
    run = runner(facts.environment(project.series[-1])).run(copy)
    assert run.status != 0, f"{mutation['fact']} still holds"
    assert f"in {name.replace('-', '_')}\n" in run.stderr, run.stderr
    printed = [line.partition(":")[0] for line in run.stdout.splitlines()]
    assert name not in printed
    assert name.replace("-", "_") in FUNCTION.findall(program)


def test_there_are_mutations_of_thirty_facts():
    assert len({mutation["fact"] for mutation in MUTATIONS}) >= 30
