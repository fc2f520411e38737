"""Letters of agents that have no key yet: joining with a token."""

import base64
import logging
from collections.abc import Callable

import msgspec

from agents import join, trust
from agents.protocol import queue_of_agent

log = logging.getLogger(__name__)


def answer_join(text: str, *, site: bytes, send: Callable[[str, str], None]) -> bool:
    """Answer a letter that asks to join; tells whether an agent was joined.

    A wrong token gets no answer: nobody learns anything by trying.
    """
    try:
        letter = trust.decode(base64.b64decode(text, validate=True))
    except (ValueError, msgspec.MsgspecError):
        log.warning("join.unreadable")
        return False
    if not isinstance(letter, trust.Join):
        return False
    answer = join.answer(letter, site)
    if answer is None:
        log.warning("join.refused", extra={"agent": letter.agent})
        return False
    send(
        queue_of_agent(letter.agent, letter.queue),
        "joined\n" + base64.b64encode(trust.encode(answer)).decode(),
    )
    log.info("join.joined", extra={"agent": letter.agent})
    return True
