"""What the workflow editor offers: instructions to put in, names to choose from, neighbours."""

from typing import Any, NamedTuple

from agents.models import Agent, AgentCluster
from cockpit.access.gate import restrict, rows
from cockpit.access.policy import Account
from cockpit.diagram.words import words
from cockpit.pages.inventory import ItemLine, line_of
from engine.workflow.model import Workflow
from inventory.editing.fitting import fitted
from inventory.editing.instructions import first_block
from inventory.editing.starters import TYPES, starter
from inventory.known import known_names
from inventory.queries import items_in, present_items

MOST_NAMES = 1_000
MOST_SIBLINGS = 200
_KINDS = ("lock", "noticeboard", "jobresource", "workflow", "jobtemplate")
_WORDS = {
    "Execute.Named": "job", "Fork": "fork", "ForkList": "fork list", "If": "if",
    "CaseWhen": "case", "Try": "try / catch", "Retry": "retry", "Cycle": "cycle",
    "Break": "break", "Lock": "lock", "PostNotices": "post notices",
    "ExpectNotices": "expect notices", "ConsumeNotices": "consume notices", "Prompt": "prompt",
    "Sleep": "sleep", "AddOrder": "add order", "AdmissionTime": "admission time",
    "StickySubagent": "sticky subagent", "Options": "options", "Segment": "segment",
    "Stop": "stop", "Finish": "finish", "Fail": "fail",
}  # fmt: skip


class Offer(NamedTuple):
    """An instruction to put in; `wraps` tells whether others can be put into it."""

    type: str
    word: str
    icon: str
    wraps: bool


def palette() -> list[Offer]:
    """Return the instructions to put in."""
    return _PALETTE


def known_lists(account: Account) -> dict[str, list[str]]:
    """Return names to choose from, by the id of their list."""
    items = restrict(present_items(), account)
    found: dict[str, list[str]] = {f"known-{kind}": [] for kind in _KINDS}
    named = items.filter(kind__in=_KINDS).order_by("name").values_list("kind", "name")
    for kind, name in named[:MOST_NAMES]:
        found[f"known-{kind}"].append(name)
    clusters = list(rows(AgentCluster, account).values_list("pk", flat=True))
    agents = list(rows(Agent, account).values_list("pk", flat=True)[:MOST_NAMES])
    found["known-agents"] = sorted({*agents, *clusters})
    found["known-clusters"] = sorted(clusters)
    found["known-boards"] = [f"'{name}'" for name in found["known-noticeboard"]]
    zones = known_names().time_zones or frozenset()
    found["known-zones"] = sorted(zone for zone in zones if "/" in zone or zone == "UTC")
    return found


def siblings(account: Account, item: Any) -> list[ItemLine]:
    """Return what lies in the folder of an object."""
    folder = item.folder.path if item.folder else ""
    found = items_in(restrict(present_items(), account), folder).defer("source", "problems")
    return [line_of(each) for each in found[:MOST_SIBLINGS]]


def _offers() -> list[Offer]:
    found = []
    for kind in TYPES:
        new = starter(kind)
        said = words(fitted({"instructions": [new]}).instructions[0], Workflow(()))
        found.append(Offer(kind, _WORDS[kind], said.icon, bool(first_block(new))))
    return found


_PALETTE = _offers()
