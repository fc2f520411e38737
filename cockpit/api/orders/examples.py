"""Examples of requests about orders, for the schema."""

from typing import Any

ADD_EXAMPLES: dict[str, Any] = {
    "one": {
        "workflow": "demo/report",
        "name": "eu",
        "arguments": {"region": "eu"},
        "scheduled_for": "2026-01-31T06:00:00Z",
        "plan": "DailyPlan|2026-01-31",
        "comment": "again after the fix",
    },
    "part of a workflow": {
        "workflow": "demo/report",
        "start_position": "load",
        "stop_positions": ["publish"],
        "force_admission": True,
        "remain": True,
    },
    "many": {"orders": [{"workflow": "demo/report", "name": n} for n in ("eu", "us")]},
}

VERB_EXAMPLES: dict[str, Any] = {
    "cancel": {"kill": True, "deep": True, "comment": "not needed today"},
    "suspend": {"reset": True},
    "resume": {"position": "1/then/0", "variables": {"region": "eu"}},
    "resume at a label": {"label": "load"},
    "continue": {},
    "confirm": {"comment": "checked with the bank", "ticket": "OPS-17"},
    "priority": {"priority": 10},
    "start-time": {"scheduled_for": "2026-01-31T08:00:00+01:00"},
    "parameters": {"arguments": {"region": "us"}, "remove": ["dry"]},
    "remove": {},
    "preview": {"dry_run": True},
}

BULK_EXAMPLES: dict[str, Any] = {
    "named": {"ids": ["#2026-01-31#T1-eu", "#2026-01-31#T1-us"], "comment": "late data"},
    "selected": {"filter": {"workflow": "demo/*", "group": ["failed"]}},
    "preview": {"filter": {"folder": "demo", "reason": ["lock"]}, "dry_run": True},
}
