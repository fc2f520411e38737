"""The door of a cockpit process: HTTP to Django, the live socket to its consumer.

The reader of the journal starts and stops with the server.
"""

import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cockpit.settings")
django.setup()

from channels.routing import ProtocolTypeRouter  # noqa: E402  # only after Django is set up

from cockpit.lifespan import Lifespan  # noqa: E402
from cockpit.live.routing import live_socket  # noqa: E402
from cockpit.one_hop import OneHop  # noqa: E402

application: Any = ProtocolTypeRouter(
    {"http": OneHop(), "websocket": live_socket(), "lifespan": Lifespan()}
)
