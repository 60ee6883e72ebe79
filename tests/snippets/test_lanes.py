"""What each line of an example sends is recorded."""

import pytest

from guide import lanes


def test_the_lanes_of_an_example_are_current(snippet, runner, settle):
    if not lanes.has_lanes(snippet):
        return
    try:
        observed = lanes.observed(snippet, runner)
    except lanes.BrokenPromise as broken:
        pytest.fail(str(broken), pytrace=False)
    settle(lanes.file(snippet), lanes.as_json(observed), f"{snippet} sends something else")
