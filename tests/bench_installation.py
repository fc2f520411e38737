"""An installation of its own for measurements: all in one start of the product, and its door."""

import copy
import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = "#!/bin/sh\n/bin/true\n"
PASSWORD = secrets.token_urlsafe(12)


class Installation:
    """An all-in-one start of the product in a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        env = {**os.environ, "STELLWERK_HOME": str(home), "STELLWERK_ADMIN_PASSWORD": PASSWORD}
        env.pop("DATABASE_URL", None)
        env.pop("BROKER_URL", None)
        self.env = env
        self.log = (home / "up.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up", f"--port={self.port}", "--no-browser"],
            cwd=ROOT,
            env=env,
            stdout=self.log,
            stderr=self.log,
        )
        self._token = ""

    def ready(self) -> None:
        """Wait for the page and sign in."""
        wait_for(self._answers, 180, "the page to answer")
        self._token = self.post("/api/v1/token/", {"name": "admin", "password": PASSWORD})["token"]
        addresses = json.loads((self.home / "addresses.json").read_text())
        self.db = psycopg.connect(addresses["DATABASE_URL"], autocommit=True)
        self.broker: str = addresses["BROKER_URL"]

    def _answers(self) -> bool:
        try:
            return self.request("GET", "/health/ready")[0] == 200
        except OSError:
            return False

    def request(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Return status and decoded body of one call on a kept connection."""
        if not hasattr(self, "http"):
            self.http = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/json"}
        if getattr(self, "_token", ""):
            headers["Authorization"] = f"Token {self._token}"
        try:
            self.http.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = self.http.getresponse()
            data = answer.read()
        except (http.client.HTTPException, OSError):
            del self.http
            raise
        decoded = json.loads(data) if data[:1] in (b"{", b"[") else data
        return answer.status, decoded

    def post(self, path: str, body: object) -> Any:
        """Return the body of a call that has to succeed."""
        status, found = self.request("POST", path, body)
        if status not in (200, 201):
            raise SystemExit(f"POST {path}: {status} {found}")
        return found

    def another(self) -> "Installation":
        """Return the same installation with a connection of its own, for another thread."""
        other = copy.copy(self)
        other.__dict__.pop("http", None)
        return other

    def deploy(self, name: str, document: dict[str, Any]) -> None:
        """Deploy a workflow by the command that users have."""
        self.deploy_file(f"{name}.workflow.json", document)

    def deploy_file(self, name: str, document: dict[str, Any]) -> None:
        """Deploy an object of the kind that the file's name tells."""
        folder = self.home / "deploy"
        folder.mkdir(exist_ok=True)
        file = folder / name
        file.write_text(json.dumps(document))
        subprocess.run(
            [sys.executable, "manage.py", "deploy", str(file)],
            cwd=ROOT, env=self.env, check=True, stdout=self.log, stderr=self.log,
        )  # fmt: skip

    def scalar(self, sql: str, *values: object) -> Any:
        """Return one value from the database."""
        row = self.db.execute(sql, values).fetchone()
        return row[0] if row else None

    def processes(self) -> dict[int, str]:
        """Return pid and command of everything that belongs to this installation."""
        found: dict[int, str] = {}
        mark = str(self.home).encode()
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    command = (entry / "cmdline").read_bytes()
                    if mark in command or mark in (entry / "environ").read_bytes():
                        found[int(entry.name)] = command.replace(b"\0", b" ").decode()
                except OSError:
                    continue
        return found

    def cpu_s(self) -> float:
        """Return CPU seconds of all its processes, ended children included."""
        total = 0
        for pid in self.processes():
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            total += sum(map(int, fields[11:15]))
        return total / os.sysconf("SC_CLK_TCK")

    def database_cpu_s(self) -> float:
        """Return CPU seconds of the database's live processes, which `cpu_s` does not see.

        They hide what they were started with; their parent does not.
        """
        parents = [pid for pid, command in self.processes().items() if "postgres -D" in command]
        total = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            total += sum(map(int, fields[11:13])) if int(fields[1]) in parents else 0
        return total / os.sysconf("SC_CLK_TCK")

    def pss_mb(self) -> float:
        """Return the proportional memory of all its processes."""
        total = 0
        for pid in self.processes():
            try:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            except OSError:
                continue
            total += next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
        return total / 1024

    def stop(self) -> None:
        """End it in order."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(90)
        self.log.close()


@contextmanager
def installation() -> Iterator[Installation]:
    """Run an installation while the block lasts."""
    home = Path(tempfile.mkdtemp(prefix="stb-"))
    made = Installation(home)
    try:
        made.ready()
        yield made
    finally:
        made.stop()
        shutil.rmtree(home, ignore_errors=True)


def wait_for(
    condition: Callable[[], bool], timeout_s: float, what: str, step_s: float = 0.02
) -> None:
    """Return when the condition holds; ends the run after the time."""
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"gave up waiting for {what}")
        time.sleep(step_s)


def document(labels: list[str], **more: Any) -> dict[str, Any]:
    """Return a workflow that runs the same job under these labels."""
    job = {
        "agentName": "agent-1",
        "parallelism": 10_000,
        "executable": {"TYPE": "ShellScriptExecutable", "script": SCRIPT},
    }
    steps = [{"TYPE": "Execute.Named", "jobName": "job", "label": label} for label in labels]
    return {"instructions": steps, "jobs": {"job": job}, **more}


def order_id(name: str) -> str:
    """Return an id that no other order has."""
    return f"#{time.strftime('%Y-%m-%d')}#T{time.time_ns() // 10_000}-{name}"


def finished_runs(at: Installation, workflow: str) -> int:
    """Return how many orders of a workflow history shows as finished."""
    return int(
        at.scalar(
            "SELECT count(*) FROM history_orderrun WHERE workflow=%s AND state='Finished'", workflow
        )
    )
