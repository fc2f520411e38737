"""A workflow of 5,000 instructions: deployed, drawn, and walked by an order near its end."""

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.acceptance.journeys import SOON_MS, add_at, expect_state, order_page
from tests.acceptance.site import Site

INSTRUCTIONS, LAST = 5_000, 10
LONG = "journeys/long"


def test_an_order_walks_the_end_of_a_workflow_of_5000_instructions(
    page: Page, site: Site, tmp_path: Path
) -> None:
    deploy(site, tmp_path)
    page.goto(f"/workflows/{LONG}/")
    expect(page.locator("svg.diagram").first).to_be_visible(timeout=SOON_MS)
    order_id = "#2026-01-31#long"
    add_at(site, LONG, order_id, f"{INSTRUCTIONS - LAST}")
    page.goto(order_page(order_id))
    expect_state(page, "finished")
    page.goto(order_page(order_id, "log"))
    expect(page.get_by_role("link", name="succeeded job")).to_have_count(LAST, timeout=SOON_MS)


def deploy(site: Site, folder: Path) -> None:
    """Deploy so many jobs one after the other."""
    steps = [
        {"TYPE": "Execute.Named", "jobName": "job", "label": f"job{n}"} for n in range(INSTRUCTIONS)
    ]
    script = {"TYPE": "ShellScriptExecutable", "script": "#!/bin/sh\ntrue\n"}
    job = {"agentName": "agent-1", "executable": script}
    file = folder / "long.workflow.json"
    file.write_text(json.dumps({"instructions": steps, "jobs": {"job": job}}))
    site.manage("deploy", str(file), "--folder", "journeys")
