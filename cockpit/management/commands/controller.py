"""`manage.py controller`: stands by for a controller id, and leads while it has the lease."""

import gc
import logging
import os
import sys
import threading
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections

from agents.carrier import Post, carrier_app, receiving, run_worker
from agents.join import clusters, link_keys, process_limits
from agents.log_lines import log_to_stderr
from agents.protocol import door_of_controller, queue_of_controller
from agents.site_key import site_public_key
from cluster.connection import dsn_from_url
from cluster.failures import LeadershipLost
from cluster.role import Role
from cockpit.ending import stop_at_signals
from controller.items import verify_items
from controller.leader import Leader, LeaderConfig
from controller.pool import Member

log = logging.getLogger("controller")


class Command(BaseCommand):
    """Runs one node of a controller."""

    help = "Run a controller node: the active one moves orders, the others stand by."
    # The checks load every page and the whole API, which a controller never serves.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the node's names."""
        parser.add_argument("--id", default=settings.STELLWERK_CONTROLLER_ID)
        parser.add_argument("--node", default="controller-1")

    def handle(self, *args: Any, **options: Any) -> None:
        """Stand by, lead, and begin again as a fresh process when the term is over."""
        log_to_stderr()
        run_node(options["id"], options["node"])


def run_node(controller: str, node: str) -> None:
    """Take part in the controller's role until a signal; a lost term begins a fresh process."""
    # A turn makes many small values that live on; looking through all of them costs a tenth of it.
    gc.set_threshold(20_000, 20, 10)
    stop = threading.Event()
    stop_at_signals(stop)
    config = LeaderConfig(
        dsn=dsn_from_url(settings.DATABASE_URL, f"controller:{controller}:{node}"),
        controller=controller,
        broker_url=settings.BROKER_URL,
    )
    role = Role(config.dsn, f"controller.{controller}", node).start()
    public = site_public_key()
    while not stop.is_set() and role.wait_for_leadership(0.2) is None:
        pass
    if stop.is_set():
        role.release()
        return
    again = lead(config, role, public, stop)
    role.release(timeout_s=3)
    if again:
        os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606  # this very program


def lead(config: LeaderConfig, role: Role, public: Any, stop: threading.Event) -> bool:
    """Lead one term; returns whether to stand by again afterwards."""
    post = Post(config.broker_url).start()
    leader = Leader(
        config,
        role,
        post,
        verify=partial(verify_items, public),
        register=AgentRegister(),
        site=public.public_bytes_raw(),
    )
    app = carrier_app(config.broker_url)
    receiving(app, leader.take_letter)
    ended = threading.Event()

    def turns() -> None:
        try:
            leader.run(stop)
        except LeadershipLost as lost:
            log.warning("controller.term_over", extra={"reason": str(lost)})
        except Exception:
            log.exception("controller.failed")
        ended.set()

    threading.Thread(target=turns, name="turns", daemon=True).start()
    queues = [
        queue_of_controller(config.controller, leader.token.term),
        door_of_controller(config.controller),
    ]
    asked = run_worker(app, queues, f"controller@{config.controller}", ended=ended)
    # A signal that came before the worker had its handlers has set `stop`.
    asked = asked or stop.is_set()
    stop.set()
    ended.wait(5)
    post.close()
    return not asked


class AgentRegister:
    """The register over Django's own connection, which may have been closed meanwhile."""

    def keys(self) -> dict[str, bytes]:
        """Return the keys of the links to agents that have joined."""
        close_old_connections()
        return link_keys()

    def limits(self) -> dict[str, int]:
        """Return how many processes agents may run, where somebody has said so."""
        return process_limits()

    def clusters(self) -> dict[str, tuple[Member, ...]]:
        """Return the clusters of agents."""
        return {
            name: tuple(Member(agent, priority) for agent, priority in members)
            for name, members in clusters().items()
        }
