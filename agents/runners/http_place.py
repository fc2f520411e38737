"""One file of a web server, as a place to fetch it from."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

from agents.runners.http_request import answered
from agents.runners.place import Entry, Reading
from agents.runners.run import JobFailed


class HttpPlace:
    """The file that a URL names; it can be fetched and nothing else."""

    def __init__(self, url: str, *, given: Mapping[str, Any], timeout_s: float) -> None:
        self._name = unquote(urlsplit(url).path.rpartition("/")[2])
        self._arguments = {
            "url": url,
            "method": "GET",
            "verify": True,
            "follow_redirects": True,
            "timeout": timeout_s,
            **{name: given[name] for name in ("user", "password") if name in given},
        }

    def files(self, *, recursive: bool) -> Iterator[Entry]:  # a web server lists nothing
        """Yield the one file."""
        found = self.find(self._name)
        assert found  # noqa: S101  # a file that is not there is a failure already
        yield found

    def find(self, name: str) -> Entry | None:
        """Return the file with what the server says of it."""
        try:
            with answered({**self._arguments, "method": "HEAD"}) as answer:
                if answer.status in (405, 501):  # it may still be fetched
                    return Entry(name, -1, 0.0)
                if answer.status >= 400:
                    raise JobFailed(f"source: The server answered with status {answer.status}.")
                size = int(answer.headers.get("Content-Length") or -1)
                changed = answer.headers.get("Last-Modified")
        except (OSError, HTTPException) as problem:
            raise JobFailed(f"source: The server does not answer: {problem}") from None
        moment = parsedate_to_datetime(changed).timestamp() if changed else 0.0
        return Entry(name, size, moment)

    def reading(self, name: str) -> AbstractContextManager[Reading]:
        """Open the file."""
        answer = answered(self._arguments)
        if answer.status != 200:
            answer.close()
            raise JobFailed(f"source: The server answered with status {answer.status}.")
        return answer

    def write(self, name: str, pieces: Iterator[bytes]) -> None:
        """Refuse."""
        self._refuse()

    def put_in_place(self, name: str, final: str, changed_s: float) -> None:
        """Refuse."""
        self._refuse()

    def make_folder(self, name: str) -> None:
        """Refuse."""
        self._refuse()

    def remove(self, name: str) -> None:
        """Refuse."""
        self._refuse()

    def close(self) -> None:
        """Nothing stays open."""

    def _refuse(self) -> NoReturn:
        raise JobFailed("source: A file of a web server can only be fetched, not changed or moved.")
