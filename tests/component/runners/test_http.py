"""Http against a real server in a thread."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.component.runners.running import run


class Handler(BaseHTTPRequestHandler):
    """Tells what it was asked; some paths answer otherwise."""

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", self.server.elsewhere + "/there")  # type: ignore[attr-defined]
            self.end_headers()
            return
        status = int(self.path.rpartition("/")[2]) if self.path.startswith("/status") else 200
        told = {
            "method": self.command,
            "path": self.path,
            "body": body,
            "authorization": self.headers.get("Authorization"),
            "type": self.headers.get("Content-Type"),
            "items": [{"id": 7}],
        }
        data = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_POST = do_HEAD = do_PUT = _answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Be quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as made:
        port = made.server_address[1]
        made.elsewhere = f"http://localhost:{port}"  # type: ignore[attr-defined]
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{port}"
        made.shutdown()
        thread.join()


def test_a_request_is_sent_and_its_answer_told(server: str, tmp_path: Path) -> None:
    left = run(
        "Http",
        tmp_path,
        url=f"{server}/day?a=1",
        method="POST",
        query={"b": "x y"},
        json={"n": 1},
        token="t0ken",
        return_path={"id": "items.0.id", "how": "method"},
    )
    assert left.code == 0, left.err
    told = json.loads(left.out)
    assert told["path"] == "/day?a=1&b=x+y"
    assert (told["body"], told["type"]) == ('{"n": 1}', "application/json")
    assert told["authorization"] == "Bearer t0ken"
    assert left.values == {"status": 200, "id": 7, "how": "POST"}


def test_an_unexpected_status_fails_and_an_expected_one_does_not(
    server: str, tmp_path: Path
) -> None:
    left = run("Http", tmp_path, url=f"{server}/status/404")
    assert left.code == 1
    assert "status 404" in left.err
    left = run("Http", tmp_path, url=f"{server}/status/404", expected_status="200..299,404")
    assert (left.code, left.values) == (0, {"status": 404})


def test_another_host_is_not_told_who_asks(server: str, tmp_path: Path) -> None:
    left = run("Http", tmp_path, url=f"{server}/moved", token="t0ken")
    told = json.loads(left.out)
    assert (told["path"], told["authorization"]) == ("/there", None)
    left = run("Http", tmp_path, url=f"{server}/moved", follow_redirects=False, expected_status=302)
    assert left.code == 0


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "http:///x", "nothing"])
def test_only_http_is_possible(url: str, tmp_path: Path) -> None:
    left = run("Http", tmp_path, url=url)
    assert left.code == 1
    assert "http://" in left.err


def test_nobody_there_is_a_sentence(tmp_path: Path) -> None:
    left = run("Http", tmp_path, url="http://127.0.0.1:9/x?secret=1", timeout=5)
    assert left.code == 1
    assert "does not answer" in left.err
    assert "secret" not in left.err


def test_user_and_password_in_the_url_are_sent_and_not_told(server: str, tmp_path: Path) -> None:
    url = server.replace("://", "://bob:p%40ss@")
    left = run("Http", tmp_path, url=url, expected_status=404)
    assert json.loads(left.out)["authorization"] == "Basic Ym9iOnBAc3M="
    assert left.err == f"GET {server}/ answered with status 200.\n"


def test_an_answer_that_does_not_come_is_told_with_its_port(tmp_path: Path) -> None:
    left = run("Http", tmp_path, url="http://127.0.0.1:1/x")
    assert left.err.startswith("GET http://127.0.0.1:1/x does not answer: ")
