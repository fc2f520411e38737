"""The faces of a workflow behind a small server of their own, without a database."""

import mimetypes
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.contrib.staticfiles import finders
from django.core.handlers.wsgi import WSGIRequest
from django.template import engines
from django.utils.safestring import mark_safe

from cockpit.diagram import Overlay, draw
from engine.workflow.model import Workflow
from engine.workflow.walk import walk
from tests.unit.diagram.drawings import block, each_instruction, fork, job, workflow

HEAD = """{% load diagrams static %}<!doctype html><html lang="en" data-theme="dark"
 data-sprite="{% static 'cockpit/img/icons.svg' %}"><head><meta charset="utf-8"><title>Faces</title>
{% for name in styles %}
<link rel="stylesheet" href="/static/cockpit/css/{{ name }}.css">
{% endfor %}
<script type="module" src="/static/cockpit/js/live-diagram.js"></script></head>"""
VIEW = """<body><main><h1>View</h1>
{% workflow_view workflow overlay picture_url=picture_url tokens_url="/tokens/" %}</main></body>"""
PICK = """<body><main><h1>Pick</h1><form>
{% pick_position workflow overlay name="position" label="Go on at" picture_url=picture_url %}
</form></main></body>"""
ORDER = """<body><main><h1>Order</h1><div style="display: flex; width: 600px; height: 400px">
{% include "cockpit/orders/picture.html" with href="/order/" %}</div></main></body>"""
PART = "{% load diagrams %}{% workflow_faces workflow overlay %}"
STYLES = ("fonts", "tokens", "shell", "parts", "table", "diagram", "pages")
PAGES = {"/view/": HEAD + VIEW, "/pick/": HEAD + PICK, "/part/": PART, "/order/": HEAD + ORDER}
TOKENS = b'{"tokens":[{"position":"%s","state":"running","id":"#a","count":1}]}'
PLACES = {"/tokens/": b"0", "/order/tokens/": b"0/fork+b11/0"}
WORKFLOWS: dict[str, Workflow] = {
    "each": each_instruction(),
    "wide": workflow(fork(**{f"b{n}": block(job()) for n in range(12)})),
    "long": workflow(*[job(label=f"step {n}") for n in range(5_000)]),
}


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base names it so
        pass


@contextmanager
def faces_site() -> Iterator[str]:
    """Yield the address of a server on the loopback."""
    server = make_server("127.0.0.1", 0, _answer, server_class=_Server, handler_class=_Silent)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _answer(environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
    request = WSGIRequest(environ)
    path, kind = request.path, "text/html; charset=utf-8"
    if path.startswith("/static/"):
        found = finders.find(path.removeprefix("/static/"))
        body = Path(str(found)).read_bytes() if found else b""
        kind = mimetypes.guess_type(path)[0] or "text/plain"
    elif path in PLACES:
        body, kind = TOKENS % PLACES[path], "application/json"
    else:
        body = _page(request).encode()
    start("200 OK", [("Content-Type", kind)])
    return [body]


def _page(request: WSGIRequest) -> str:
    name = request.GET.get("w", "each")
    drawn, picks = WORKFLOWS[name], request.path == "/pick/" or "picks" in request.GET
    overlay = Overlay(picks=_picks(drawn)) if picks else Overlay()
    picture_url = f"/part/?w={name}{'&picks=1' if picks else ''}"
    context = {
        "workflow": drawn,
        "overlay": overlay,
        "styles": STYLES,
        "picture_url": picture_url,
        "svg": mark_safe(draw(drawn)),  # noqa: S308  # the diagram escapes every text
    }
    template = engines["django"].from_string(PAGES.get(request.path, ""))
    return str(template.render(context, request))


def _picks(drawn: Workflow) -> dict[str, str | None]:
    places = ["/".join(map(str, visit.position)) for visit in walk(drawn)]
    return {at: "It lies in a fork." if "/fork" in at else None for at in places}
