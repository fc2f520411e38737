"""Http: one request. The answer's body goes to stdout; its status decides whether it is a success.

Return values: `status`, and what `return_path` asks for of a JSON answer.
"""

import base64
import json
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO, Any
from urllib.parse import SplitResult, unquote, urlencode, urlsplit, urlunsplit

from agents.runners.run import Ended, JobFailed

ANSWER_BYTES = 16 << 20
_PIECE = 1 << 16
_OWN = frozenset({"authorization", "cookie", "proxy-authorization"})


def run(arguments: dict[str, Any]) -> Ended:
    """Send the request.

    Raises:
        JobFailed: no answer, an unexpected status, or a value that is not in the answer.
    """
    request = _request(arguments)
    try:
        with _answer(request, arguments) as answer:
            body = _copied(answer, keep="return_path" in arguments)
            status = answer.status
    except urllib.error.URLError as problem:
        raise JobFailed(f"{_place(request)} does not answer: {problem.reason}") from None
    except (OSError, HTTPException) as problem:
        why = str(problem) or type(problem).__name__
        raise JobFailed(f"{_place(request)} does not answer: {why}") from None
    if not expected(status, arguments["expected_status"]):
        raise JobFailed(f"{_place(request)} answered with status {status}.")
    return Ended({"status": status, **_found(body, arguments.get("return_path", {}))})


def answered(arguments: Mapping[str, Any]) -> HTTPResponse:
    """Return the open answer to a request.

    Raises:
        OSError: nobody answers.
    """
    return _answer(_request(arguments), arguments)


def _answer(request: urllib.request.Request, arguments: Mapping[str, Any]) -> HTTPResponse:
    found: HTTPResponse = _opener(arguments).open(request, timeout=arguments["timeout"])
    return found


def expected(status: int, wanted: object) -> bool:
    """Tell whether a status is among those wanted: one, a list, or as in `200..299,304`."""
    parts = wanted if isinstance(wanted, list) else str(wanted).split(",")
    for part in parts:
        low, _, high = str(part).strip().partition("..")
        try:
            if int(low) <= status <= int(high or low):
                return True
        except ValueError:
            raise JobFailed(f"expected_status: {part!r} is no status.") from None
    return False


def _request(arguments: Mapping[str, Any]) -> urllib.request.Request:
    parts = urlsplit(arguments["url"])
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise JobFailed("url: It must begin with http:// or https:// and name a host.")
    query = "&".join(filter(None, (parts.query, urlencode(arguments.get("query", {}), doseq=True))))
    given = {**_credentials(parts), **arguments}
    url = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path or "/", query, ""))
    data, kind = _body(arguments)
    headers = {str(name): str(value) for name, value in arguments.get("headers", {}).items()}
    if kind and "content-type" not in map(str.lower, headers):
        headers["Content-Type"] = kind
    if "token" in arguments:
        headers["Authorization"] = f"Bearer {arguments['token']}"
    elif "user" in given:
        pair = f"{given['user']}:{given.get('password', '')}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    return urllib.request.Request(url, data, headers, method=arguments["method"])  # noqa: S310


def _credentials(parts: SplitResult) -> dict[str, str]:
    """Return the user and password that stand in a URL."""
    found = {"user": parts.username, "password": parts.password}
    return {name: unquote(value) for name, value in found.items() if value}


def _body(arguments: Mapping[str, Any]) -> tuple[bytes | None, str | None]:
    if "json" in arguments:
        return json.dumps(arguments["json"]).encode(), "application/json"
    if "form" in arguments:
        text = urlencode(arguments["form"], doseq=True)
        return text.encode(), "application/x-www-form-urlencoded"
    if "body" in arguments:
        return arguments["body"].encode(), "text/plain; charset=utf-8"
    return None, None


class _Answers(urllib.request.HTTPErrorProcessor):
    """Hands every answer on, whatever its status; redirections are left to their handler."""

    def __init__(self, *, follow: bool) -> None:
        self._follow = follow

    def http_response(
        self, request: urllib.request.Request, response: HTTPResponse
    ) -> HTTPResponse:
        if self._follow and response.status in (301, 302, 303, 307, 308):
            followed: HTTPResponse = super().http_response(request, response)
            return followed
        return response

    https_response = http_response


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirections to http and https; another host is not told who asks."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        made = super().redirect_request(req, fp, code, msg, headers, newurl)
        if made is not None and urlsplit(newurl)[:2] != urlsplit(req.full_url)[:2]:
            made.headers = {n: v for n, v in made.headers.items() if n.lower() not in _OWN}
        return made


def _opener(arguments: Mapping[str, Any]) -> urllib.request.OpenerDirector:
    context = ssl.create_default_context(cafile=arguments.get("ca_file"))
    if not arguments["verify"]:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    handlers: list[urllib.request.BaseHandler] = [
        urllib.request.HTTPSHandler(context=context),
        _Answers(follow=arguments["follow_redirects"]),
        _Redirects(),
    ]
    if "proxy" in arguments:
        proxies = dict.fromkeys(("http", "https"), arguments["proxy"])
        handlers.append(urllib.request.ProxyHandler(proxies))
    return urllib.request.build_opener(*handlers)


def _copied(answer: IO[bytes], *, keep: bool) -> bytes:
    """Copy the body to stdout and return it where it is needed."""
    kept = bytearray()
    for piece in _pieces(answer):
        sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        if keep:
            kept += piece
            if len(kept) > ANSWER_BYTES:
                raise JobFailed(f"The answer is longer than {ANSWER_BYTES} bytes.")
    return bytes(kept)


def _pieces(answer: IO[bytes]) -> Iterator[bytes]:
    while piece := answer.read(_PIECE):
        yield piece


def _found(body: bytes, paths: Mapping[str, str]) -> dict[str, Any]:
    if not paths:
        return {}
    try:
        whole = json.loads(body)
    except ValueError:
        raise JobFailed("return_path: The answer is no JSON.") from None
    return {name: _at(whole, str(path)) for name, path in paths.items()}


def _at(value: Any, path: str) -> Any:
    for word in path.split("."):
        try:
            value = value[int(word)] if isinstance(value, list) else value[word]
        except (KeyError, IndexError, ValueError, TypeError):
            raise JobFailed(f"return_path: The answer has no {path}.") from None
    return value


def _place(request: urllib.request.Request) -> str:
    """Return what is asked, without what a URL may tell of secrets."""
    parts = urlsplit(request.full_url)
    return f"{request.get_method()} {parts.scheme}://{parts.netloc}{parts.path}"
