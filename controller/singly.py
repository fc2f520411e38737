"""What to do when a turn cannot be stored: take its parts singly, and give up the bad one."""

import logging
from typing import TYPE_CHECKING

import psycopg
from msgspec.structs import replace

from agents import protocol as pr
from controller.changes import Pending
from engine.order.requests import Answer, Answered
from engine.steps.wake import LOOKED_AT_ONCE

if TYPE_CHECKING:
    from controller.round import Round

log = logging.getLogger(__name__)


class Singly:
    """Takes turns of one input each. A poisoned one is answered, flagged or skipped, and told."""

    # The last one: a name that is too long for an index.
    UNSTORABLE = (psycopg.DataError, UnicodeError, psycopg.errors.ProgramLimitExceeded)

    def __init__(self, round_: "Round") -> None:
        self._round = round_

    def take(self, envelopes: list[pr.Envelope], requests: list[Pending], due: list[str]) -> None:
        """Take everything of the turn that failed."""
        for envelope in envelopes:
            self._envelope(envelope)
        for pending in requests:
            self._request(pending)
        for order_id in due:
            self._due(order_id)
        self._follow()

    def _envelope(self, envelope: pr.Envelope) -> None:
        parts = [replace(envelope, items=())] if envelope.words else []
        parts += [
            replace(envelope, n=envelope.n + i, items=(item,), words=())
            for i, item in enumerate(envelope.items)
        ]
        for part in parts:
            turn = self._round.new_turn()
            try:
                self._round.envelope(turn, part)
                self._round.commit(turn)
            except self.UNSTORABLE as problem:
                self._round.reload()
                self._skip(part, problem)

    def _skip(self, part: pr.Envelope, problem: Exception) -> None:
        if not part.items:
            return
        turn = self._round.new_turn()
        turn.skipped(part.agent, part.n)
        item = pr.decode_up(part.items[0])
        if isinstance(item, pr.Happened):
            turn.broken(item.order_id, f"what its agent reported cannot be stored: {problem}")
        self._round.commit(turn)
        log.error("intake.item_skipped", extra={"agent": part.agent, "n": part.n})

    def _request(self, pending: Pending) -> None:
        turn = self._round.new_turn()
        try:
            self._round.request(turn, pending)
            self._round.commit(turn)
        except self.UNSTORABLE as problem:
            self._round.reload()
            turn = self._round.new_turn()
            sentence = f"It cannot be stored: {problem}"
            refused = Answered("", ok=False, code="invalid", sentence=sentence)
            turn.answered(pending.command, Answer((refused,)))
            self._round.commit(turn)

    def _due(self, order_id: str) -> None:
        turn = self._round.new_turn()
        try:
            turn.preload([order_id])
            turn.due(order_id)
            self._round.commit(turn)
        except self.UNSTORABLE as problem:
            self._round.reload()
            turn = self._round.new_turn()
            turn.preload([order_id])
            turn.broken(order_id, f"what follows cannot be stored: {problem}")
            self._round.commit(turn)

    def _follow(self) -> None:
        """Look one by one at those who wait, until the one at fault is found."""
        for _ in range(LOOKED_AT_ONCE):
            if not self._round.world.wakes:
                return
            turn = self._round.new_turn()
            turn.waking.singly()
            try:
                turn.follow()
                self._round.commit(turn)
            except self.UNSTORABLE as problem:
                at_fault = turn.waking.found
                self._round.reload()
                turn = self._round.new_turn()
                for order_id in at_fault:
                    turn.broken(order_id, f"what follows cannot be stored: {problem}")
                self._round.commit(turn)
                return
