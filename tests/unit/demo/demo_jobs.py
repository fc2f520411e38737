"""Runs the script of a demo job as an agent would: in a folder, with an environment, no more."""

import os
import subprocess
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

DEMO = Path(__file__).resolve().parents[3] / "demo"


class DemoRun:
    """The jobs of one workflow over one folder; `values` gathers what they return."""

    def __init__(self, workflow: str, folder: Path) -> None:
        self._jobs = jobs_of(workflow)
        self._folder = folder
        self.values: dict[str, str] = {}

    def run(self, job: str, **env: object) -> str:
        """Return the output of a job that succeeds."""
        return self.ended(job, 0, **env)

    def ended(self, job: str, status: int, /, **env: object) -> str:
        """Return the output of a job that ends with this exit status."""
        script, values = self._folder / f"{job}.script", self._folder / f"{job}.values"
        script.write_text(self._jobs[job]["executable"]["script"])
        script.chmod(0o700)
        values.touch()
        done = subprocess.run(
            [str(script)],
            cwd=self._folder,
            env={
                "PATH": os.environ["PATH"],
                "JS7_RETURN_VALUES": str(values),
                **{name: str(value) for name, value in env.items()},
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=50,
        )
        assert done.returncode == status, done.stdout
        self.values |= dict(line.split("=", 1) for line in values.read_text().splitlines())
        return done.stdout


def jobs_of(workflow: str) -> dict[str, Any]:
    """Return the jobs of a demo workflow as they are written."""
    text = (DEMO / f"{workflow}.workflow.yaml").read_text()
    jobs: dict[str, Any] = YAML(typ="safe", pure=True).load(text)["jobs"]
    return jobs


def agents_of(workflow: str) -> set[str]:
    """Return the agents that its jobs need."""
    return {job["agentName"] for job in jobs_of(workflow).values()}


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with what is in it."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }
