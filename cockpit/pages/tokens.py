"""Order tokens for diagrams, as the island draws them: one a node and state. Knows no request."""

from collections import Counter
from collections.abc import Iterable

from history.models import OrderRun

MOST_NAMED = 3


def tokens_of(runs: Iterable[OrderRun]) -> list[dict[str, object]]:
    """Return tokens by position and group; a lone order carries its id."""
    first: dict[tuple[str, str], str] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for run in runs:
        key = (run.position, run.group)
        first.setdefault(key, run.order_id)
        counts[key] += 1
    return [
        {
            "position": position,
            "state": group,
            "id": first[position, group] if n == 1 else "",
            "count": n,
        }
        for (position, group), n in counts.items()
    ]
