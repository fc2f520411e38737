"""FileTransfer within one machine, and from a web server."""

import http.server
import os
import threading
from functools import partial
from pathlib import Path

import pytest

from agents.runners.local_place import LocalPlace
from agents.runners.place import checked
from agents.runners.run import JobFailed
from tests.component.runners.running import run


def test_too_few_files_are_a_failure_before_anything_is_moved(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "a").write_text("1")
    given = {"source": f"{source}/", "target": f"{tmp_path}/out/", "move": True}
    left = run("FileTransfer", tmp_path, min_files=2, **given)
    assert left.code == 1
    assert "1 files found, at least 2" in left.err
    assert (source / "a").exists()
    assert run("FileTransfer", tmp_path, min_files=1, **given).values["files"] == ["a"]
    assert not (source / "a").exists()


def test_newer_files_replace_older_ones_only(tmp_path: Path) -> None:
    source, target = tmp_path / "s", tmp_path / "t"
    source.write_text("new")
    target.write_text("old")
    os.utime(source, (1000, 1000))
    os.utime(target, (2000, 2000))
    given = {"source": str(source), "target": str(target), "overwrite": "newer"}
    assert run("FileTransfer", tmp_path, **given).values["file_count"] == 0
    assert target.read_text() == "old"
    os.utime(source, (3000, 3000))
    assert run("FileTransfer", tmp_path, **given).values["file_count"] == 1
    assert target.read_text() == "new"


def test_a_transfer_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("x")
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "s").mkdir()
    given = {"source": f"{tmp_path}/s", "target": f"{tmp_path}/t/"}
    left = run("FileTransfer", tmp_path, **given)
    assert left.code == 1
    assert [path.name for path in (tmp_path / "t").iterdir()] == ["s"]


def test_an_existing_name_is_never_written_through(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        LocalPlace(str(tmp_path)).write("link", iter([b"x"]))
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", "", "a//b", "a/./b", "x\0y"])
def test_a_name_that_leads_out_of_its_folder_is_refused(name: str) -> None:
    with pytest.raises(JobFailed):
        checked(name)


def test_a_file_of_a_web_server_is_fetched_and_cannot_be_moved(tmp_path: Path) -> None:
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "a b.txt").write_text("page")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Be quiet."""

    handler = partial(Quiet, directory=str(tmp_path / "www"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}/a%20b.txt"
        left = run("FileTransfer", tmp_path, source=url, target=f"{tmp_path}/got/")
        assert left.code == 0, left.err
        assert (tmp_path / "got" / "a b.txt").read_text() == "page"
        left = run("FileTransfer", tmp_path, source=url + "x", target=f"{tmp_path}/got/")
        assert "status 404" in left.err
        server.shutdown()
        thread.join()


class Breaking(http.server.BaseHTTPRequestHandler):
    """Promises more than it sends."""

    def do_HEAD(self) -> None:
        """Promise."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()

    def do_GET(self) -> None:
        """Send the half."""
        self.do_HEAD()
        self.wfile.write(b"x" * 500)

    def log_message(self, *_: object) -> None:
        """Be quiet."""


def test_a_file_that_breaks_off_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "got"
    target.write_text("old")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Breaking) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}/x"
        left = run("FileTransfer", tmp_path, source=url, target=str(target))
        server.shutdown()
        thread.join()
    assert left.code == 1
    assert target.read_text() == "old"
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part")]


def test_a_file_that_is_not_there_is_a_failure_unless_none_is_asked_for(tmp_path: Path) -> None:
    given = {"source": f"{tmp_path}/none", "target": f"{tmp_path}/out/"}
    left = run("FileTransfer", tmp_path, **given)
    assert left.code == 1
    assert left.err == "source: There is no file none.\n"
    assert run("FileTransfer", tmp_path, min_files=0, **given).values["file_count"] == 0


def test_a_folder_without_a_matching_file_is_a_failure_unless_none_is_asked_for(
    tmp_path: Path,
) -> None:
    (tmp_path / "in").mkdir()
    given = {"source": f"{tmp_path}/in/", "target": f"{tmp_path}/out/"}
    left = run("FileTransfer", tmp_path, **given)
    assert left.code == 1
    assert left.err == "0 files found, at least 1 are wanted.\n"
    assert run("FileTransfer", tmp_path, min_files=0, **given).values["file_count"] == 0


@pytest.mark.parametrize("target", ["in/a", "in/", "in/../in/./a", "link/", "link/a"])
def test_a_file_is_never_moved_onto_itself(tmp_path: Path, target: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_text("precious")
    (tmp_path / "link").symlink_to(tmp_path / "in")
    given = {"source": f"{tmp_path}/in/a", "target": f"{tmp_path}/{target}", "move": True}
    left = run("FileTransfer", tmp_path, **given)
    assert left.code == 1
    assert left.err == "a: Source and target are the same file.\n"
    assert (tmp_path / "in" / "a").read_text() == "precious"


def test_a_folder_is_never_moved_onto_itself(tmp_path: Path) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "in" / "sub" / "a").write_text("precious")
    given = {"source": f"{tmp_path}/in", "target": f"{tmp_path}/in/", "move": True}
    left = run("FileTransfer", tmp_path, recursive=True, **given)
    assert left.err == "sub/a: Source and target are the same file.\n"
    assert (tmp_path / "in" / "sub" / "a").read_text() == "precious"


def test_a_file_is_moved_beside_itself(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    given = {"source": f"{tmp_path}/a", "target": f"{tmp_path}/b", "move": True}
    assert run("FileTransfer", tmp_path, **given).values["file_count"] == 1
    assert sorted(path.name for path in tmp_path.iterdir() if path.name in "ab") == ["b"]
