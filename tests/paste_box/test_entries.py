"""Every recording is answered by its own entry."""

import pytest

from tests.paste_box.conftest import UNKNOWN, recordings_of

# What no text can tell apart: a traceback begins when the attribute is read, and what was done before is not in it.
INDISTINGUISHABLE = {
    "the same lazy load of a relationship": {
        "lazy-relationship",
        "new-object-relationship",
        "identity-map",
        "nested-relationship",
        "self-referential-depth",
        "selectin-cycle",
        "refresh-relationship",
        "join-not-eager",
        "get-ignores-options",
        "collection-mutation",
        "many-to-many",
        "merge-result",
        "model-property",
        "except-missing-greenlet",
        "serializers",
    },
    "the same lazy load that has to flush first": {"autoflush", "merge-result"},
    "the same await of a call that returns None": {"extra-await", "scoped-session"},
    "the same reload of a row, whatever expired it": {
        "onupdate-column",
        "expired-after-commit",
        "expired-after-rollback",
        "explicit-expire",
        "column-property",
        "polymorphic-column",
        "bulk-update",
        "sql-expression-value",
        "refresh-cascade",
        "server-default",
    },
}


def may_stand_before(slug: str) -> set[str]:
    return {other for group in INDISTINGUISHABLE.values() if slug in group for other in group}


def test_a_recording_is_answered_by_its_own_entry(snippet, ask, entries):
    if snippet.slug not in entries or str(snippet) in UNKNOWN:
        return
    found = recordings_of(snippet)
    for (_, series, _), answer in zip(found, ask(*(lines for _, _, lines in found)), strict=True):
        assert answer["state"] == "found", f"{snippet} on {series}: {answer}"
        assert snippet.slug in answer["slugs"], f"{snippet} on {series}: {answer}"
        before = set(answer["slugs"][: answer["slugs"].index(snippet.slug)])
        if not before <= may_stand_before(snippet.slug):
            pytest.fail(
                f"{snippet} on {series}: the paste box names {', '.join(before)} first; if nothing in a traceback "
                f"tells them apart, add {snippet.slug} to their group in INDISTINGUISHABLE",
                pytrace=False,
            )


def test_what_nobody_can_know_is_not_guessed(all_recordings, ask):
    unknown = [lines for snippet, _, lines in all_recordings if str(snippet) in UNKNOWN]
    assert unknown
    assert {answer["state"] for answer in ask(*unknown)} == {"unknown"}
