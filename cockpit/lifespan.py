"""What begins and ends with the web server of a cockpit process."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from cluster.connection import dsn_from_url
from cockpit.live import consumer, reader
from cockpit.live.hub import Hub


class Lifespan:
    """Starts and stops the reader of the journal and what listens to it, as ASGI asks."""

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        """Follow the server from its start to its stop."""
        hub: Hub | None = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                hub = self._start()
                await send({"type": "lifespan.startup.complete"})
                continue
            if hub is not None:
                await self._stop(hub)
            await send({"type": "lifespan.shutdown.complete"})
            return

    def _start(self) -> Hub:
        controller = settings.STELLWERK_CONTROLLER_ID
        feed = reader.start(dsn_from_url(settings.DATABASE_URL, "cockpit:feed"), controller)
        hub = Hub()
        hub.start(feed, controller)
        consumer.use_hub(hub)
        return hub

    async def _stop(self, hub: Hub) -> None:
        consumer.use_hub(None)
        await hub.stop()
        await asyncio.to_thread(reader.stop)
