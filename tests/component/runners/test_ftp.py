"""FileTransfer over FTP and FTPS, with a real server."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.runners.ftp_place import FtpPlace
from agents.runners.run import JobFailed
from tests.component.runners.ftp_server import PASSWORD, Running, ftp_server
from tests.component.runners.running import Ran, run


@pytest.fixture
def there(tmp_path: Path) -> Path:
    folder = tmp_path / "there"
    (folder / "out" / "deep").mkdir(parents=True)
    (folder / "out" / "a.csv").write_bytes(b"1\r\n2\n\xff")
    (folder / "out" / "b.txt").write_text("no")
    (folder / "out" / "deep" / "c.csv").write_text("33")
    os.utime(folder / "out" / "a.csv", (1000, 1000))
    return folder


@pytest.fixture(params=["ftp", "ftps"])
def server(request: pytest.FixtureRequest, there: Path, tmp_path: Path) -> Iterator[Running]:
    with ftp_server(there, tmp_path, tls=request.param == "ftps") as running:
        yield running


def scheme(server: Running) -> str:
    return "ftps" if server.ca_file else "ftp"


def url(server: Running, path: str) -> str:
    return f"{scheme(server)}://u@127.0.0.1:{server.port}{path}"


def transfer(server: Running, folder: Path, **arguments: Any) -> Ran:
    """Return what a transfer left, from or to the server."""
    known = {"ca_file": server.ca_file} if server.ca_file else {}
    secret = {f"{s}_password": PASSWORD for s in ("source", "target") if "://" in arguments[s]}
    return run("FileTransfer", folder, **known, **secret, **arguments)


def test_files_are_fetched_byte_by_byte_with_their_time_and_removed_there(
    server: Running, there: Path, tmp_path: Path
) -> None:
    given = {"source": url(server, "/out/"), "target": f"{tmp_path}/here/"}
    left = transfer(server, tmp_path, pattern=r".*\.csv", move=True, checksum="sha256", **given)
    assert (left.code, left.values) == (0, {"files": ["a.csv"], "file_count": 1, "byte_count": 6})
    assert (tmp_path / "here" / "a.csv").read_bytes() == b"1\r\n2\n\xff"
    assert (tmp_path / "here" / "a.csv").stat().st_mtime == 1000
    assert sorted(p.name for p in (there / "out").iterdir()) == ["b.txt", "deep"]


def test_folders_are_gone_into_where_that_is_asked_for(server: Running, tmp_path: Path) -> None:
    given = {"source": url(server, "/out/"), "target": f"{tmp_path}/here/", "recursive": True}
    left = transfer(server, tmp_path, **given)
    assert left.values["files"] == ["a.csv", "b.txt", "deep/c.csv"]
    assert (tmp_path / "here" / "deep" / "c.csv").read_text() == "33"


def test_a_file_is_put_beside_its_name_and_renamed_over_the_old_one(
    server: Running, there: Path, tmp_path: Path
) -> None:
    (tmp_path / "new").write_bytes(b"x" * 700_000)
    os.utime(tmp_path / "new", (2000, 2000))
    given = {"source": f"{tmp_path}/new", "target": url(server, "/in/a/b.bin")}
    (there / "in" / "a").mkdir(parents=True)
    (there / "in" / "a" / "b.bin").write_text("old")
    left = transfer(server, tmp_path, checksum="md5", **given)
    assert (left.code, left.err) == (0, "")
    assert (there / "in" / "a" / "b.bin").read_bytes() == b"x" * 700_000
    assert (there / "in" / "a" / "b.bin").stat().st_mtime == 2000
    assert [p.name for p in (there / "in" / "a").iterdir()] == ["b.bin"]
    stored = next(c for c in server.commands if c.startswith("STOR"))
    assert stored.startswith("STOR /in/a/.b.bin.")
    assert transfer(server, tmp_path, overwrite="newer", **given).values["file_count"] == 0
    refused = transfer(server, tmp_path, overwrite="fail", **given)
    assert (refused.code, "has it already" in refused.err) == (1, True)


def test_missing_folders_are_made(server: Running, there: Path, tmp_path: Path) -> None:
    (tmp_path / "new").write_text("x")
    left = transfer(server, tmp_path, source=f"{tmp_path}/new", target=url(server, "/~/one/two/"))
    assert (left.code, left.err) == (0, "")
    assert (there / "one" / "two" / "new").read_text() == "x"


def test_a_wrong_password_is_told_without_it(server: Running, tmp_path: Path) -> None:
    known = {"ca_file": server.ca_file} if server.ca_file else {}
    left = run(
        "FileTransfer",
        tmp_path,
        source=url(server, "/out/"),
        target=f"{tmp_path}/here/",
        source_password="not this one",
        **known,
    )
    assert left.code == 1
    assert "127.0.0.1: 530" in left.err
    assert "not this one" not in left.out + left.err


def test_a_certificate_that_nobody_vouches_for_is_refused_before_the_password_is_sent(
    there: Path, tmp_path: Path
) -> None:
    with ftp_server(there, tmp_path, tls=True) as server:
        left = run(
            "FileTransfer",
            tmp_path,
            source=url(server, "/out/"),
            target=f"{tmp_path}/here/",
            source_password=PASSWORD,
        )
        assert (left.code, "is not trusted" in left.err) == (1, True)
        assert "PASS" not in server.commands
        assert not any(c.startswith("USER") for c in server.commands)


def test_a_server_without_tls_gets_no_password_over_ftps(there: Path, tmp_path: Path) -> None:
    with ftp_server(there, tmp_path) as server:
        left = run(
            "FileTransfer",
            tmp_path,
            source=f"ftps://u@127.0.0.1:{server.port}/out/",
            target=f"{tmp_path}/here/",
            source_password=PASSWORD,
        )
        assert left.code == 1
        assert "PASS" not in server.commands


def test_an_old_server_without_mlsd_and_mfmt_lists_by_names(there: Path, tmp_path: Path) -> None:
    lacks = frozenset({"MLSD", "MLST", "MFMT"})
    with ftp_server(there, tmp_path, lacks=lacks) as server:
        got = transfer(server, tmp_path, source=url(server, "/out/"), target=f"{tmp_path}/here/")
        assert got.values["files"] == ["a.csv", "b.txt"]
        assert (tmp_path / "here" / "a.csv").stat().st_mtime == 1000
        put = transfer(
            server, tmp_path, source=f"{tmp_path}/here/a.csv", target=url(server, "/in/")
        )
        assert (put.code, put.err) == (0, "")
        assert (there / "in" / "a.csv").exists()


def test_a_transfer_that_the_server_breaks_off_leaves_nothing_behind(
    there: Path, tmp_path: Path
) -> None:
    (there / "out" / "a.csv").unlink()
    (there / "out" / "a.csv").mkdir()
    with ftp_server(there, tmp_path) as server:
        (tmp_path / "a.csv").write_text("x")
        left = transfer(server, tmp_path, source=f"{tmp_path}/a.csv", target=url(server, "/out/"))
        assert left.code == 1
        assert sorted(p.name for p in (there / "out").iterdir()) == ["a.csv", "b.txt", "deep"]


def test_a_silent_server_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        left = run(
            "FileTransfer",
            tmp_path,
            source=f"ftp://127.0.0.1:{silent.getsockname()[1]}/x",
            target=f"{tmp_path}/here",
            timeout=0.3,
        )
    assert (left.code, "it does not answer" in left.err) == (1, True)


def test_a_name_with_a_line_break_is_no_command(there: Path, tmp_path: Path) -> None:
    with ftp_server(there, tmp_path) as server:
        left = transfer(
            server,
            tmp_path,
            source=url(server, "/out/b.txt%0d%0aDELE%20/out/b.txt"),
            target=f"{tmp_path}/here/",
        )
        assert (left.code, "cannot be written in FTP" in left.err) == (1, True)
        assert (there / "out" / "b.txt").exists()


def _scripted(listener: socket.socket, listing: bytes) -> None:
    """Be a server that lists what it likes."""
    connection, _ = listener.accept()
    with (
        connection,
        connection.makefile("rb") as lines,
        socket.create_server(("127.0.0.1", 0)) as data,
    ):
        connection.sendall(b"220 hello\r\n")
        for line in lines:
            match line.split()[0]:
                case b"PASV":
                    high, low = divmod(data.getsockname()[1], 256)
                    connection.sendall(b"227 (127,0,0,1,%d,%d)\r\n" % (high, low))
                case b"MLSD":
                    connection.sendall(b"150 listing\r\n")
                    with data.accept()[0] as one:
                        one.sendall(listing)
                    connection.sendall(b"226 done\r\n")
                case b"PWD":
                    connection.sendall(b'257 "/"\r\n')
                case b"QUIT":
                    connection.sendall(b"221 bye\r\n")
                    return
                case _:
                    connection.sendall(b"230 fine\r\n")


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/../../b"])
def test_a_name_that_the_server_makes_up_does_not_lead_elsewhere(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listing = f"type=file;size=1; {name}\r\n".encode()
        thread = threading.Thread(target=_scripted, args=(listener, listing), daemon=True)
        thread.start()
        port = listener.getsockname()[1]
        place = FtpPlace("127.0.0.1", port, tls=False, given={}, timeout_s=5).at("/in")
        with pytest.raises(JobFailed, match="leads out of its folder"):
            list(place.files(recursive=False))
        place.close()
        thread.join(5)
