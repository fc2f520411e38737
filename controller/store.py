"""The controller's rows in PostgreSQL: what a turn reads, and the one place that writes.

Plain psycopg on a connection of its own, for a turn is one pipelined transaction.
"""

from uuid import UUID, uuid4

import msgspec

from cluster.fence import fenced
from cluster.lease import Token
from controller.changes import Changes
from controller.store_facts import FactReads, write_facts, write_queues
from controller.store_writes import Write
from engine.order.requests import Answer, Request

_answer_decoder: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)
_request_decoder: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)


class PostgresStore(FactReads):
    """Reads and writes of one controller over one connection."""

    def commit(self, changes: Changes, token: Token, batch: UUID | None = None) -> None:
        """Write a turn in one fenced transaction.

        Raises:
            LeadershipLost: the term is over, nothing was written.
            UnknownOutcome: look `batch` up before going on.
        """
        with fenced(self.conn, token), self.conn.pipeline():
            write = Write(self.conn, self.controller)
            write.journal(changes.entries, token, batch or uuid4())
            write.orders(changes)
            write_facts(self.conn, self.controller, changes.facts)
            write_queues(self.conn, self.controller, changes.queued)
            write.items(changes, token)
            write.links(changes)
            write.answers(changes)


def decode_answer(body: bytes) -> Answer:
    """Return the answers of a request so far."""
    return _answer_decoder.decode(body)


def decode_request(body: bytes) -> Request:
    """Return the request of a command row."""
    return _request_decoder.decode(body)
