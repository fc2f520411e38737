"""What was exported from JS7 is imported, deployed, run, and exported again as it was."""

import json
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from inventory.archives.unpacking import unpack
from tests.acceptance.site import Site
from tests.js7_archive import documents, js7_archive

WAIT_S = 30.0


class Script:
    """Somebody's script over the REST API."""

    def __init__(self, site: Site) -> None:
        self._address = f"{site.address}/api/v1"
        body = {"name": "admin", "password": Site.PASSWORD}
        self._token = ""
        self._token = self.ask("POST", "/token/", body)["token"]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return what the API answers."""
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Token {self._token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310
            self._address + path, data, headers, method=method
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            text = answer.read().decode()
            is_json = answer.headers["Content-Type"].startswith("application/json")
            return json.loads(text) if is_json else text

    def runs(self) -> list[dict[str, Any]]:
        """Return the job runs of the workflow."""
        found: list[dict[str, Any]] = self.ask("GET", "/history/jobs/?workflow=payroll/payroll")[
            "jobs"
        ]
        return found


def labels(script: Script) -> list[str]:
    """Return the labels of all job runs of the workflow."""
    return sorted(run["label"] for run in script.runs())


def wait_until(done: Callable[[], bool], told: Callable[[], Any]) -> None:
    """Wait for a condition."""
    end = time.monotonic() + WAIT_S
    while not done():
        assert time.monotonic() < end, json.dumps(told(), indent=1)
        time.sleep(0.2)


def finished(script: Script, order_id: str) -> None:
    """Wait until an order has finished; what it did is told where it has not."""
    path = f"/orders/{quote(order_id, safe='')}/"
    wait_until(
        lambda: bool(script.ask("GET", path)["group"] == "finished"),
        lambda: [script.ask("GET", path), script.ask("GET", f"{path}log/")],
    )


def test_an_archive_of_js7_is_imported_deployed_run_and_exported_equal(
    site: Site, tmp_path: Path
) -> None:
    archive = tmp_path / "js7.zip"
    archive.write_bytes(js7_archive())

    told = json.loads(site.manage("import", str(archive), "--deploy", "--json", "--wait", "60"))
    assert (told["deployed"], told["problems"]) == ("done", [])

    script = Script(site)
    order = {"plan": "2026-02-27", "arguments": {"month": "2026-02"}}
    first = script.ask("POST", "/orders/", {"workflow": "payroll/payroll", **order})["id"]
    second = script.ask("POST", "/orders/", {"workflow": "payroll/afterwards"})["id"]
    for order_id in (first, second):
        finished(script, order_id)
    wait_until(lambda: labels(script) == ["bank", "collect", "compute", "tax"], script.runs)

    site.manage("export", str(tmp_path / "back.tar.gz"), "--folder", "payroll", "--deployed")
    with (tmp_path / "back.tar.gz").open("rb") as back:
        found = {m.name: m.content for m in unpack(back).members}
    found.pop("meta_inf")
    assert found == {n: c for n, c in documents().items() if n != "meta_inf"}

    # Other journeys use this site, too.
    script.ask("POST", "/deployments/-/revoke/", {"folder": "payroll"})
    wait_until(lambda: not deployed(script), lambda: deployed(script))
    script.ask("POST", "/inventory/-/trash/", {"folder": "payroll"})
    assert not script.ask("GET", "/inventory/?folder=payroll")["objects"]


def deployed(script: Script) -> list[str]:
    """Return what of the archive is deployed."""
    objects = script.ask("GET", "/inventory/?folder=payroll")["objects"]
    return [each["path"] for each in objects if each["deployed_version"]]
