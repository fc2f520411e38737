"""Output on its way to a history that does not answer."""

from pathlib import Path

from agents.protocol import LogAck
from agents.worker.hands.output import OutputReader
from agents.worker.shipping import Shipping


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
