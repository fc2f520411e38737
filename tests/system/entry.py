"""The product's own entries over a carrier that is worse than real ones, for the harsh test.

`entry.py agent|controller ...`. `STELLWERK_TEST_ROUGH` is the seed of a carrier that loses, doubles
and delays letters. `STELLWERK_TEST_UNNUMBERED` is the negative control: whatever comes is taken,
whatever its number, so that the harsh test can show that it would notice.
`STELLWERK_TEST_REMEMBER` is the one of waiting orders: the controller keeps them in memory.
`STELLWERK_TEST_FORGET` is the one of releases: a new term does not ask what was begun.
"""

import os
import random
import sys
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from agents import protocol
from agents.carrier import Post
from controller.due import Due
from controller.store_facts import FactReads

LOST, DOUBLED, DELAYED = 0.05, 0.15, 0.1


def everything(
    self: protocol.Inflow, envelope: protocol.Envelope
) -> tuple[tuple[int, msgspec.Raw], ...]:
    """Return all items of an envelope, also those taken before and those behind a gap."""
    if envelope.stream != self.stream:
        return ()
    return tuple((envelope.n + i, item) for i, item in enumerate(envelope.items))


class Rough:
    """Sends as `Post.send` does, with chance in between."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311  # repeatable chance is the point
        self._kept: list[tuple[str, str]] = []
        self._send = Post.send

    def __call__(self, post: Post, to: str, letter: str) -> None:
        """Lose, double or keep a letter back behind the next one."""
        throw = self._chance.random()
        if throw < LOST:
            return
        if throw < LOST + DELAYED:
            self._kept.append((to, letter))
            return
        kept, self._kept = self._kept, []
        for one in ((to, letter), *kept):
            self._send(post, *one)
        if throw > 1 - DOUBLED:
            self._send(post, to, letter)


def main() -> None:
    """Run the part that the first argument names."""
    seed = os.environ.get("STELLWERK_TEST_ROUGH")
    if seed:
        rough = Rough(int(seed))

        def send(self: Post, to: str, letter: str) -> None:
            rough(self, to, letter)

        Post.send = send  # type: ignore[method-assign]
    if os.environ.get("STELLWERK_TEST_UNNUMBERED"):
        protocol.Inflow.fresh = everything  # type: ignore[method-assign]
    if os.environ.get("STELLWERK_TEST_REMEMBER"):
        Due.is_far = lambda *_: False  # type: ignore[method-assign]
    if os.environ.get("STELLWERK_TEST_FORGET"):
        FactReads.unfinished = lambda self: []  # type: ignore[method-assign]
    part, *words = sys.argv[1:]
    if part == "agent":
        from agents.worker.__main__ import main as agent

        sys.exit(agent(words))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cockpit.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", part, *words])


if __name__ == "__main__":
    main()
