"""Script files and the commands that run them."""

import subprocess
from pathlib import Path

from agents.worker.hands.scripts import Scripts


def test_a_script_with_a_shebang_is_run_directly(tmp_path: Path) -> None:
    argv = Scripts(tmp_path).argv(b"#!/bin/sh\necho $0 $1\n")
    assert len(argv) == 1
    out = subprocess.run([*argv, "x"], capture_output=True, check=True).stdout
    assert out.decode() == f"{argv[0]} x\n"


def test_a_script_without_a_shebang_is_run_by_the_shell(tmp_path: Path) -> None:
    argv = Scripts(tmp_path).argv(b"echo hi")
    assert argv[0] == "/bin/sh"
    assert subprocess.run(argv, capture_output=True, check=True).stdout == b"hi\n"


def test_equal_scripts_share_a_private_file(tmp_path: Path) -> None:
    first = Scripts(tmp_path).argv(b"#!/bin/true")
    assert Scripts(tmp_path).argv(b"#!/bin/true") == first
    files = list((tmp_path / "scripts").iterdir())
    assert [file.stat().st_mode & 0o777 for file in files] == [0o700]


def test_a_damaged_file_is_written_again(tmp_path: Path) -> None:
    path = Path(Scripts(tmp_path).argv(b"#!/bin/true\n")[0])
    path.write_bytes(b"")
    Scripts(tmp_path).argv(b"#!/bin/true\n")
    assert path.read_bytes() == b"#!/bin/true\n"
