"""Where the rules of time zones come from."""

import os
import subprocess
import sys
from importlib import resources
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SAYS = "import zoneinfo; zoneinfo.ZoneInfo('Europe/Berlin'); print(zoneinfo.TZPATH)"


def test_every_command_computes_with_the_zones_of_the_locked_package(tmp_path: Path) -> None:
    """A system's own files, which differ from machine to machine, are not looked at."""
    environment = {**os.environ, "PYTHONTZPATH": str(tmp_path), "STELLWERK_HOME": str(tmp_path)}
    command = [sys.executable, "manage.py", "shell", "--no-startup", "-c", SAYS]
    said = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (said.stdout.split()[-1:], said.returncode) == (["()"], 0), said.stderr
    assert resources.files("tzdata").joinpath("zoneinfo", "Europe", "Berlin").is_file()
