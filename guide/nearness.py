"""How near the recordings of two entries are to each other, by the score of overrides/assets/diagnose.js."""

from functools import cached_property
from itertools import pairwise
from math import log

from guide.paste_index import WORD, commonplace_rows
from guide.project import Project
from guide.signatures import Shown
from guide.threads import order

# Messages that have less in common, by the weight of their pairs of words, are not near.
LEAST_SHARED = 1.5
# Scores that differ by less are equal, as in the paste box.
TOLERANCE = 0.02


class Nearness:
    """Ranks the entries of a project for the recordings of one of them."""

    def __init__(self, project: Project, shown: dict[str, list[Shown]]) -> None:
        self.project = project
        self.shown = shown

    def nearest(self, slug: str) -> list[str]:
        """The other entries that the paste box would rank next for these recordings, the nearest first."""
        place = {other: number for number, other in enumerate(order(self.project))}
        distances = {other: self._distance(slug, other) for other in self.shown if other != slug}
        near = [
            (round(distance / TOLERANCE), place[other], other)
            for other, distance in distances.items()
            if distance is not None
        ]
        return [other for _, _, other in sorted(near)]

    @cached_property
    def token_weights(self) -> dict[str, float]:
        return _weights([set().union(*(one.tokens for one in found)) for found in self.shown.values()], set())

    @cached_property
    def _word_weights(self) -> dict[str, float]:
        commonplace = set().union(*(_pieces(words) for _, words, _ in commonplace_rows(self.project)))
        return _weights(
            [set().union(*(_pieces(one.says) for one in found)) for found in self.shown.values()], commonplace
        )

    def _distance(self, slug: str, other: str) -> float | None:
        """How far the nearest recording falls behind the entry's own; None if the paste box would not name it."""
        pairs = ((one, two) for one in self.shown[slug] for two in self.shown[other])
        scores = ((self._agreement(one, one), self._agreement(one, two)) for one, two in pairs)
        return min((whole - score for whole, score in scores if score > 0), default=None)

    def _agreement(self, one: Shown, two: Shown) -> float:
        """What both recordings have, less what one of them lacks; of messages, the words that both have."""
        if one.words or two.words:
            shared = sum(self._word_weights[piece] for piece in _pieces(one.says) & _pieces(two.says))
            return shared if shared >= LEAST_SHARED else 0.0
        weight = self.token_weights
        shared, pasted, lacking = (
            sum(weight[token] for token in tokens)
            for tokens in (one.tokens & two.tokens, one.tokens, two.tokens - one.tokens)
        )
        return 2 * shared - pasted - lacking / 2


def _weights(owned: list[set[str]], commonplace: set[str]) -> dict[str, float]:
    """How much each piece tells: 1 if one entry alone has it, 0 if all have it or if it is commonplace."""
    pieces = set().union(*owned)
    owners = {piece: sum(piece in one for one in owned) for piece in pieces}
    every = log(max(len(owned), 2))
    return {piece: 0.0 if piece in commonplace else 1 - log(times) / every for piece, times in owners.items()}


def _pieces(said: str) -> set[str]:
    """The class of an error, and each pair of neighbouring words."""
    found = WORD.findall(said.lower())
    return {*found[:1], *(" ".join(pair) for pair in pairwise(found))}
