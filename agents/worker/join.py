"""How an agent gets the key of its link: once, with the token that an administrator gave it."""

import base64
import itertools
import logging
import os
import queue
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from agents import trust
from agents.carrier import Post
from agents.protocol import door_of_controller
from agents.worker.config import AgentConfig

AGAIN_S = 1.0
UNTOLD = 3
"""A controller that starts at the same moment needs a few questions; that is no news."""

TOLD_EVERY = 60

log = logging.getLogger(__name__)


class NotJoined(Exception):
    """The agent has no key and no token, or its token was refused."""


class LinkKeys(msgspec.Struct, frozen=True):
    """What joining leaves in the state folder: the link's key and the site's public key.

    `private` opens values that are sealed for this agent; an agent that joined before there were
    any has none.
    """

    key: bytes
    site: bytes
    private: bytes = b""


def stored_keys(folder: Path) -> LinkKeys | None:
    """Return the keys of an agent that has joined."""
    path = folder / "link.json"
    return msgspec.json.decode(path.read_bytes(), type=LinkKeys) if path.exists() else None


def store_keys(folder: Path, keys: LinkKeys) -> None:
    """Keep the keys, readable by this user alone."""
    temporary = folder / "link.json.new"
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(msgspec.json.encode(keys))
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(folder / "link.json")


def join(
    config: AgentConfig, nonce: str, post: Post, answers: "queue.Queue[str]", stop: threading.Event
) -> LinkKeys:
    """Return the keys agreed with the controller; asks until it answers.

    Raises:
        NotJoined: without a token, or refused.
    """
    if not config.join_token:
        raise NotJoined("The agent has not joined yet: give it a token, STELLWERK_JOIN_TOKEN.")
    key = X25519PrivateKey.generate()
    letter = trust.join_letter(config.agent, nonce, key, config.join_token)
    text = "join\n" + base64.b64encode(trust.encode(letter)).decode("ascii")
    for _ in _until(stop, config.agent):
        post.send(door_of_controller(config.controller), text)
        try:
            answer = trust.decode(base64.b64decode(answers.get(timeout=AGAIN_S)))
        except (queue.Empty, msgspec.MsgspecError, ValueError):
            continue
        if isinstance(answer, trust.Joined) and answer.agent == config.agent:
            if answer.problem:
                raise NotJoined(answer.problem)
            agreed = trust.accept(answer, key, config.join_token)
            if agreed is not None:
                return LinkKeys(agreed, answer.site, key.private_bytes_raw())
    raise NotJoined("stopped before the controller answered")


def _until(stop: threading.Event, agent: str) -> Iterator[int]:
    """Count the questions; tell now and then that none was answered, as a refusal is not."""
    for asked in itertools.count():
        if stop.is_set():
            return
        if asked % TOLD_EVERY == UNTOLD:
            log.warning("join.unanswered", extra={"agent": agent, "asked": asked})
        yield asked
