"""Objects and orders whose names are longer than any column of a list is wide."""

import json
from pathlib import Path

from tests.acceptance.journeys import add_at
from tests.acceptance.site import Site

_LONG = "settlement-of-all-subsidiaries-at-the-end-of-each-month"
FOLDER = "long-names-of-everything/in-north-and-south"
WORKFLOW = f"{FOLDER}/{_LONG}"
LOCK = f"{FOLDER}/lock-{_LONG}"
BOARD = f"{FOLDER}/board-{_LONG}"


def add_long_names(site: Site, folder: Path) -> list[str]:
    """Deploy objects with long names, and return two orders: one waits for the lock of the other.

    Args:
        site: the installation.
        folder: an empty one, to which the documents are written.
    """
    for path, document in _documents().items():
        file = folder / f"{path}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(document))
    site.manage("deploy", str(folder))
    orders = [f"#2026-01-31#T349298512218045-{_LONG}-{n}" for n in (1, 2)]
    for order_id in orders:
        add_at(site, WORKFLOW, order_id, "0")
    return orders


def _documents() -> dict[str, object]:
    expects = {"TYPE": "ExpectNotices", "noticeBoardNames": f"'board-{_LONG}'"}
    locked = {"TYPE": "Lock", "demands": [{"lockName": f"lock-{_LONG}"}],
              "lockedWorkflow": {"instructions": [expects]}}  # fmt: skip
    board = {"boardType": "GLOBAL", "postOrderToNoticeId": f"'{_LONG}'",
             "expectOrderToNoticeId": f"'{_LONG}'"}  # fmt: skip
    return {
        f"{WORKFLOW}.workflow": {"instructions": [locked]},
        f"{LOCK}.lock": {"limit": 1},
        f"{BOARD}.noticeboard": board,
    }
