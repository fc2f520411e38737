"""Django under ASGI with one change of threads a request instead of a dozen.

Django runs each middleware that is not asynchronous in a thread of its own turn; ours are all
plain. Here the whole stack runs in one thread of a pool, and closes its database connection there.
"""

import asyncio
import contextlib
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import sync_to_async
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http import HttpResponse, HttpResponseBase
from django.urls import set_script_prefix

THREADS = 40
LARGEST_BODY = 64 * 1024 * 1024
"""Bytes of any request body; views set smaller limits of their own."""

_IN_MEMORY = 1024 * 1024
_END = object()


class BodyTooLarge(Exception):
    """A request body beyond every limit; the rest of it is not read."""


class OneHop(ASGIHandler):
    """Serves HTTP for Django."""

    def __init__(self) -> None:
        super(ASGIHandler, self).__init__()
        self.load_middleware(is_async=False)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="request")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        except BodyTooLarge:
            await self.send_response(HttpResponse("The body is too large.", status=413), send)
            return
        loop = asyncio.get_running_loop()
        response = await loop.run_in_executor(self._threads, self._respond, scope, body)
        try:
            await self._send(response, send)
        finally:
            if response.streaming:
                await loop.run_in_executor(self._threads, response.close)

    async def read_body(self, receive: Any) -> Any:
        """Return the body as a file.

        Raises:
            RequestAborted: the client has gone.
            BodyTooLarge: it is beyond every limit.
        """
        body = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, mode="w+b")  # noqa: SIM115
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                body.close()
                raise RequestAborted
            part = message.get("body", b"")
            size += len(part)
            if size > LARGEST_BODY:
                body.close()
                raise BodyTooLarge
            body.write(part)
            more = message.get("more_body", False)
        body.seek(0)
        return body

    def _respond(self, scope: Any, body: Any) -> HttpResponseBase:
        with contextlib.closing(body):
            set_script_prefix(get_script_prefix(scope))
            signals.request_started.send(sender=self.__class__, scope=scope)
            request, refused = self.create_request(scope, body)
            response = refused if request is None else self.get_response(request)
        assert response is not None  # noqa: S101  # without a request there is a refusal
        if not response.streaming:
            # In this thread, for the database connection to go back is its own.
            response.close()
        else:
            signals.request_finished.send(sender=self.__class__)
        return response

    async def _send(self, response: Any, send: Any) -> None:
        if response.streaming and not response.is_async:
            response.streaming_content = _in_threads(response.streaming_content)
        await self.send_response(response, send)


async def _in_threads(parts: Any) -> Any:
    """Yield the parts of a plain iterator without holding up the loop."""
    iterator = iter(parts)
    following = sync_to_async(lambda: next(iterator, _END), thread_sensitive=False)
    while (part := await following()) is not _END:
        yield part
