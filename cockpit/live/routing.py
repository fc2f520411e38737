"""Where the live socket is, and what stands in front of it: the Origin check and the session."""

from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path

from cockpit.live.consumer import LiveConsumer


def live_socket() -> Any:
    """Return the application behind `/ws/live/`."""
    routes = URLRouter([path("ws/live/", LiveConsumer.as_asgi())])
    return AllowedHostsOriginValidator(AuthMiddlewareStack(routes))
