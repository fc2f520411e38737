"""One sentence and the facts about a member's part in a role."""

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from cluster.candidate import Candidate


class Description(msgspec.Struct, frozen=True):
    """What a person reads, and what a page or a metric reads. Durations in seconds."""

    sentence: str
    facts: dict[str, str | int | float | bool | None]


def describe(candidate: "Candidate", now_s: float) -> Description:
    """Returns the standing of a member at the boot-clock moment `now_s`."""
    return Description(_sentence(candidate, now_s), _facts(candidate, now_s))


def _facts(candidate: "Candidate", now_s: float) -> dict[str, str | int | float | bool | None]:
    held, seen, decision = candidate.held, candidate.seen, candidate.decision
    return {
        "role": candidate.role,
        "node": candidate.member.node,
        "incarnation": candidate.member.incarnation,
        "leads": held is not None,
        "may_act_s": round(max(0.0, held.until_s - now_s), 3) if held else 0.0,
        "term": held.token.term if held else (seen.term if seen else None),
        "holder": held.token.holder if held else (seen.holder if seen else None),
        "phase": seen.phase.value if seen else None,
        "intended": seen.intended if seen else None,
        "silent_s": round(decision.silent_s, 3) if decision and not held else 0.0,
        "has_name": candidate.has_name,
        "trouble": candidate.trouble,
    }


def _sentence(candidate: "Candidate", now_s: float) -> str:
    node, held, seen = candidate.member.node, candidate.held, candidate.seen
    if held is not None:
        return _of_holder(
            node, held.token.term, held.until_s - now_s, candidate.leaving is not None
        )
    if candidate.trouble is not None:
        return f"{node} cannot see the database: {candidate.trouble}"
    if seen is None or candidate.decision is None:
        return f"{node} has not looked yet."
    if not candidate.has_name:
        return f"{node} takes no part: another process runs under this name."
    silent_s, limit_s = candidate.decision.silent_s, candidate.decision.limit_s
    return (
        f"{node} stands by: {seen.holder or 'nobody'} has term {seen.term},"
        f" {candidate.decision.reason.value}, {silent_s:.1f} s of {limit_s:.1f} s silent."
    )


def _of_holder(node: str, term: int, left_s: float, leaving: bool) -> str:  # noqa: FBT001
    if leaving:
        return f"{node} hands term {term} over."
    if left_s <= 0:
        return f"{node} has term {term} but does not act: no beat got through for too long."
    return f"{node} leads with term {term} and may act for {left_s:.1f} s without another beat."
