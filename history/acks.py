"""The word to agents up to where their output is stored, in the envelope of their link.

The controller writes links; here they are only read. A word that is lost is said again after the
next piece, or after the agent has sent again.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence

import psycopg

from agents.protocol import Envelope, LogAck, queue_of_agent, seal
from history.logs import Stored

WORDS_AT_ONCE = 500

_LINKS = """
    SELECT l.agent, l.nonce, l.run, a.link_key,
           (SELECT term FROM cluster_lease WHERE role = 'controller.' || l.controller)
      FROM controller_link l JOIN agents_agent a ON a.id = l.agent
     WHERE l.controller = %s AND l.agent = ANY (%s) AND l.nonce <> '' AND a.link_key IS NOT NULL"""


def acknowledge(
    conn: psycopg.Connection,
    controller: str,
    stored: Sequence[Stored],
    send: Callable[[str, str], None],
) -> int:
    """Send each agent how far its output is stored, and return how many letters that took.

    Agents without a link are left out: they have to couple first.
    """
    by_agent: dict[str, list[LogAck]] = defaultdict(list)
    for one in stored:
        by_agent[one.agent].append(LogAck(one.attempt, one.stream, one.offset))
    sent = 0
    for agent, nonce, run, key, term in conn.execute(_LINKS, (controller, list(by_agent))):
        words = by_agent[agent]
        for at in range(0, len(words), WORDS_AT_ONCE):
            part = tuple(words[at : at + WORDS_AT_ONCE])
            envelope = Envelope(
                agent=agent, nonce=nonce, run=run, stream="", term=term or 0, words=part
            )
            send(queue_of_agent(agent, nonce), seal(envelope, bytes(key), "down"))
            sent += 1
    return sent
