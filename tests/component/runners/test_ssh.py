"""Ssh and SFTP against a real server in this process."""

import hashlib
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from agents.worker.arguments import typed
from tests.component.runners.running import Ran, begin, finish, run
from tests.component.runners.ssh_server import PASSWORD, Running, ssh_server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    (tmp_path / "remote").mkdir()
    with ssh_server(tmp_path / "remote") as running:
        yield running


def ssh(server: Running, folder: Path, command: str, **more: Any) -> Ran:
    """Return what a command at the server left."""
    given = {"key": server.client_key, "known_hosts": server.known_hosts, **more}
    return run(
        "Ssh", folder, host="127.0.0.1", port=server.port, user="u", command=command, **given
    )


def test_a_command_runs_there_and_its_return_code_is_the_jobs(
    server: Running, tmp_path: Path
) -> None:
    left = ssh(server, tmp_path, "echo out $WHO; echo err >&2; exit 7", env={"WHO": "me"})
    assert (left.code, left.out, left.err) == (7, "out me\n", "err\n")


def test_a_password_lets_in_and_a_wrong_one_does_not(server: Running, tmp_path: Path) -> None:
    given = {"known_hosts": server.known_hosts, "port": server.port, "host": "127.0.0.1"}
    left = run("Ssh", tmp_path, command="true", user="u", password=PASSWORD, **given)
    assert left.code == 0, left.err
    left = run("Ssh", tmp_path, command="true", user="u", password="no", **given)
    assert left.code == 1
    assert "refuses the user" in left.err


def test_an_unknown_host_key_is_not_trusted(server: Running, tmp_path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    other = f"[127.0.0.1]:{server.port} {key}"
    left = ssh(server, tmp_path, "echo never", known_hosts=other)
    assert (left.code, left.out) == (1, "")
    assert "host key" in left.err


def test_a_server_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    left = run("Ssh", tmp_path, host="127.0.0.1", port=9, command="true", password="x", user="u")
    assert left.code == 1
    assert "cannot be reached" in left.err


def test_the_command_ends_with_the_job(server: Running, tmp_path: Path) -> None:
    arguments = typed(
        "Ssh",
        {
            "host": "127.0.0.1",
            "port": str(server.port),
            "user": "u",
            "key": server.client_key,
            "known_hosts": server.known_hosts,
            "command": "echo up; exec sleep 60",
        },
    )
    process = begin("Ssh", arguments, tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGTERM)
    assert finish(process, tmp_path).code == 143
    assert server.ended == [-signal.SIGTERM]


def test_a_connection_that_breaks_is_one_sentence(server: Running, tmp_path: Path) -> None:
    left = run(
        "Ssh",
        tmp_path,
        host="127.0.0.1",
        port=str(server.port),
        user="u",
        key=server.client_key,
        known_hosts=server.known_hosts,
        command="drop",
    )
    assert left.code == 1
    assert left.err.splitlines() == [
        "The connection was lost before the command had ended; it may go on there."
    ]


def transfer(server: Running, folder: Path, **given: Any) -> Ran:
    """Return what a transfer left; both sides know the user and the key."""
    known = {"known_hosts": server.known_hosts}
    for side in ("source", "target"):
        if given[side].startswith("sftp:"):
            known |= {f"{side}_user": "u", f"{side}_key": server.client_key}
    return run("FileTransfer", folder, **known, **given)


def test_files_go_there_and_come_back_whole(server: Running, tmp_path: Path) -> None:
    here = tmp_path / "here"
    (here / "sub").mkdir(parents=True)
    big = os.urandom(3_000_000)
    (here / "a.csv").write_bytes(big)
    (here / "sub" / "b.csv").write_bytes(b"b")
    (here / "c.txt").write_bytes(b"c")
    os.utime(here / "a.csv", (1_700_000_000, 1_700_000_000))
    url = f"sftp://127.0.0.1:{server.port}/in/deep/"
    left = transfer(
        server,
        tmp_path,
        source=f"{here}/",
        target=url,
        pattern=r".*\.csv",
        recursive=True,
        checksum="sha256",
    )
    assert left.code == 0, left.err
    assert left.values == {
        "files": ["a.csv", "sub/b.csv"],
        "file_count": 2,
        "byte_count": 3_000_001,
    }
    there = tmp_path / "remote" / "in" / "deep"
    assert (there / "a.csv").read_bytes() == big
    assert (there / "a.csv").stat().st_mtime == 1_700_000_000
    assert sorted(p.name for p in there.rglob("*")) == ["a.csv", "b.csv", "sub"]

    left = transfer(
        server, tmp_path, source=url, target=f"{tmp_path}/back/", recursive=True, move=True
    )
    assert left.code == 0, left.err
    digest = hashlib.sha256((tmp_path / "back" / "a.csv").read_bytes()).digest()
    assert digest == hashlib.sha256(big).digest()
    assert not (there / "a.csv").exists()


def test_a_single_file_may_get_another_name(server: Running, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("1")
    url = f"sftp://127.0.0.1:{server.port}/y"
    assert transfer(server, tmp_path, source=f"{tmp_path}/x", target=url).code == 0
    assert (tmp_path / "remote" / "y").read_text() == "1"
    left = transfer(server, tmp_path, source=url, target=f"{tmp_path}/z", overwrite="fail")
    assert left.code == 0, left.err
    left = transfer(server, tmp_path, source=url, target=f"{tmp_path}/z", overwrite="fail")
    assert left.code == 1
    assert "has it already" in left.err


class Lying(asyncssh.SFTPServer):
    """Tells names that lead out of the folder."""

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        """Yield one such name for each file."""
        async for name in super().scandir(path):
            if name.filename not in (b".", b".."):
                attrs = name.attrs
                yield asyncssh.SFTPName(b"../" + os.fsencode(name.filename), attrs=attrs)


def test_a_server_cannot_make_the_agent_write_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "remote").mkdir()
    (tmp_path / "remote" / "evil").write_text("x")
    with ssh_server(tmp_path / "remote", Lying) as server:
        url = f"sftp://127.0.0.1:{server.port}/"
        left = transfer(server, tmp_path, source=url, target=f"{tmp_path}/in/", move=True)
    assert left.code == 1
    assert "leads out of its folder" in left.err
    assert not (tmp_path / "evil").exists()
    assert (tmp_path / "remote" / "evil").exists()
