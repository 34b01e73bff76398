"""The tokens of a soak: they change at random, alone and several at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random

from tests.standins.imaginepro_server import ImagineProServer, linked_token

_MANY = 12
_FULL, _LOW, _VERY_LOW = "15.00/15.0 hours (100.00%)", "2.00/15.0 hours (13.33%)", "0.30/15.0 hours (2.00%)"
_OUT = ("RELAX", "RELAX", "VERIFYING", "BANNED", "UPGRADING")


class RestlessTokens:
    """The fleet of a stand-in, and its random changes."""

    def __init__(self, imaginepro: ImagineProServer, random: Random) -> None:
        self.ids = tuple(range(101, 101 + _MANY))
        self._imaginepro = imaginepro
        self._random = random
        self._banned: set[int] = set()
        self._events: dict[Callable[[], None], int] = {
            self._one_leaves: 6,
            self._several_leave: 1,
            self._one_is_back: 8,
            self._one_is_switched: 1,
            self._one_is_linked_or_not: 1,
            self._one_uses_its_fast_time: 2,
        }
        self.recover()

    def recover(self) -> None:
        """Reset: all are listed, in FAST, with full fast time."""
        self._imaginepro.link(*(linked_token(token_id, fast_time=_FULL) for token_id in self.ids))

    def make_random_change(self) -> None:
        """Make a random change."""
        (event_type,) = self._random.choices(list(self._events), weights=list(self._events.values()))
        event_type()

    @contextmanager
    def one_banned(self) -> Iterator[int]:
        """Ban one of those in FAST, if any are, and yield its id. It is not back in FAST until the end."""
        tokens = self._imaginepro.tokens
        in_fast = sorted(token_id for token_id, token in tokens.items() if token.status == "FAST")
        token_id = self._random.choice(in_fast or sorted(tokens))
        tokens[token_id].status = "BANNED"
        self._banned.add(token_id)
        try:
            yield token_id
        finally:
            self._banned.discard(token_id)

    def _put(self, number: int, status: str) -> None:
        for token_id in self._random.sample(sorted(self._imaginepro.tokens), number):
            self._imaginepro.tokens[token_id].status = status

    def _one_leaves(self) -> None:
        self._put(1, self._random.choice(_OUT))

    def _several_leave(self) -> None:
        self._put(self._random.randint(3, 5), self._random.choice(_OUT))

    def _one_is_back(self) -> None:
        listed = [token for id_, token in self._imaginepro.tokens.items() if id_ not in self._banned]
        out = [token for token in listed if token.status != "FAST"]
        if out:
            self._random.choice(out).status = "FAST"

    def _one_is_switched(self) -> None:
        token = self._imaginepro.tokens[self._random.choice(sorted(self._imaginepro.tokens))]
        token.is_active = not token.is_active

    def _one_is_linked_or_not(self) -> None:
        gone = sorted(set(self.ids) - set(self._imaginepro.tokens))
        if gone and self._random.random() < 0.7:
            self._imaginepro.link(linked_token(self._random.choice(gone)))
        elif len(gone) < _MANY // 3:
            del self._imaginepro.tokens[self._random.choice(sorted(self._imaginepro.tokens))]

    def _one_uses_its_fast_time(self) -> None:
        token = self._imaginepro.tokens[self._random.choice(sorted(self._imaginepro.tokens))]
        token.info["fastTimeRemaining"] = self._random.choice((_FULL, _FULL, _LOW, _VERY_LOW))
