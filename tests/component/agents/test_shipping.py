"""Output on its way to a history that does not answer."""

from base64 import b64decode
from pathlib import Path

import msgspec

from agents.protocol import LogAck, LogChunk
from agents.worker.hands.output import OutputReader
from agents.worker.shipping import Shipping

_decode = msgspec.msgpack.Decoder(list[LogChunk]).decode


def test_a_silent_history_is_sent_output_ever_more_seldom_until_it_answers(tmp_path: Path) -> None:
    sent: list[str] = []
    reader = OutputReader(tmp_path)
    Path(reader.path("a-1", "out")).parent.mkdir(parents=True, exist_ok=True)
    Path(reader.path("a-1", "out")).write_bytes(b"line\n" * 1000)
    shipping = Shipping("agent-1", reader, sent.append)
    shipping.follow("a-1", 0.0)
    now = 0.0
    while now < 3600:
        now += 1
        shipping.tick(now, 1)
    assert 5 < len(sent) < 20
    shipping.acknowledge(LogAck("a-1", "out", 5), now)
    before = len(sent)
    for _ in range(8):
        now += 1
        shipping.tick(now, 1)
    assert len(sent) == before + 1


def test_output_that_is_acknowledged_faster_than_it_is_read_is_sent_to_its_end(
    tmp_path: Path,
) -> None:
    sent: list[LogChunk] = []
    reader = OutputReader(tmp_path)
    written = b"".join(b"line %d\n" % no for no in range(700_000))  # more than goes at once
    out = Path(reader.path("a-1", "out"))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(written)
    shipping = Shipping("agent-1", reader, lambda text: sent.extend(_decode(b64decode(text))))
    shipping.follow("a-1", 0.0)
    shipping.ended("a-1", 0.0, 1)
    assert sum(len(chunk.data) for chunk in sent) < len(written)
    for now in range(1, 20):
        shipping.acknowledge(LogAck("a-1", "out", sent[-1].end), now)
        shipping.tick(now, 1)
    told = b"".join(chunk.data for chunk in sent)
    assert told == written
    assert not shipping.following
    assert not out.exists()
