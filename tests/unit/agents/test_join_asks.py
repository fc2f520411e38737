"""An agent that nobody lets in goes on asking, and says so."""

import queue
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from agents.carrier import Post
from agents.worker import join as joining
from agents.worker.config import AgentConfig
from agents.worker.join import TOLD_EVERY, NotJoined, join

CONFIG = AgentConfig("agent-9", Path("/nowhere"), "memory://", join_token="nonsense")


def _asking(times: int) -> tuple[Post, threading.Event]:
    """What sends, and ends the asking after so many questions."""
    stop, left = threading.Event(), iter(range(times - 1))

    def send(_to: str, _letter: str) -> None:
        if next(left, None) is None:
            stop.set()

    return cast("Post", SimpleNamespace(send=send)), stop


@pytest.mark.parametrize(("times", "lines"), [(3, 0), (4, 1), (TOLD_EVERY, 1), (TOLD_EVERY + 4, 2)])
def test_a_question_without_an_answer_is_told_now_and_then(
    times: int,
    lines: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(joining, "AGAIN_S", 0.0)
    post, stop = _asking(times)
    with pytest.raises(NotJoined):
        join(CONFIG, "nonce", post, queue.Queue(), stop)
    told = [record for record in caplog.records if record.getMessage() == "join.unanswered"]
    assert len(told) == lines
    assert all(vars(record)["agent"] == "agent-9" for record in told)
