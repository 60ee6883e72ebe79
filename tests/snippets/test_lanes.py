"""What each line of an example sends is recorded."""

from guide import lanes


def test_the_lanes_of_an_example_are_current(snippet, runner, settle):
    if lanes.has_lanes(snippet):
        settle(lanes.file(snippet), lanes.as_json(lanes.observed(snippet, runner)), f"{snippet} sends something else")
