"""A whole system of real processes: N controllers, N agents, over the shared parts.

Speaks to the controller as everybody does, by command rows, but without Django: the process of
the tests must not depend on what it tests.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
import psycopg

from agents.site_key import FILE_NAME, key_from
from agents.trust import token_key
from controller.journal import Entry
from engine.order.requests import AddOrders, Answer, NewOrder, Request, TakeItems
from engine.seal import sealed
from tests.system import reading
from tests.system.child import Child, kill_tree_of
from tests.system.parts import Parts
from tests.system.waiting import wait_until
from tests.system.workflows import Document

TOKEN = "a-token-of-the-tests"

_encode = msgspec.msgpack.Encoder().encode
_decode_answer = msgspec.msgpack.Decoder(Answer).decode


class System:
    """Everything that one test starts; leave the block and nothing of it is left."""

    def __init__(self, parts: Parts, *, broker_url: str = "") -> None:
        self.parts = parts
        self.database = parts.new_database()
        self.broker_url = broker_url or parts.new_broker_url()
        self.home = parts.home / self.database
        self.home.mkdir(mode=0o700)
        self.site = key_from("", self.home / FILE_NAME)
        self.controllers: dict[str, Child] = {}
        self.agents: dict[str, Child] = {}
        self._conn: psycopg.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for child in (*self.agents.values(), *self.controllers.values()):
            child.thaw()
            child.kill()
        kill_tree_of(self.home)
        if self._conn is not None:
            self._conn.close()
        self.parts.drop_database(self.database)

    # -- processes --------------------------------------------------------------------------

    @property
    def environment(self) -> dict[str, str]:
        """What every process of this system is told."""
        return {
            "DATABASE_URL": self.parts.database_url(self.database),
            "BROKER_URL": self.broker_url,
            "STELLWERK_HOME": str(self.home),
            "STELLWERK_SECRET_KEY": "test",
        }

    def controller(
        self,
        node: str = "controller-1",
        *,
        name: str = "",
        entry: tuple[str, ...] = ("manage.py",),
        more: Mapping[str, str] | None = None,
    ) -> Child:
        """Start a controller node; `entry` replaces the product's own."""
        name = name or node
        words = [*entry, "controller", "--id", "controller", "--node", node]
        log = self.home / f"{name}.log"
        environment = {**self.environment, **(more or {})}
        self.controllers[name] = Child(name, words, environment=environment, log=log)
        return self.controllers[name].start()

    def agent(
        self,
        agent: str = "agent-1",
        *,
        folder: Path | None = None,
        token: str = TOKEN,
        entry: tuple[str, ...] = ("-m", "agents.worker"),
        name: str = "",
        more: Mapping[str, str] | None = None,
    ) -> Child:
        """Start an agent process; `entry` replaces the product's own."""
        name = name or agent
        environment = {
            "BROKER_URL": self.broker_url,
            "STELLWERK_HOME": str(folder or self.folder_of(agent)),
            "STELLWERK_JOIN_TOKEN": token,
            "TMPDIR": str(self.home),
            **(more or {}),
        }
        words = [*entry, "--id", agent]
        log = self.home / f"{name}.log"
        self.agents[name] = Child(name, words, environment=environment, log=log)
        return self.agents[name].start()

    def folder_of(self, agent: str) -> Path:
        """Return the state folder of an agent."""
        return self.home / agent

    def register(self, agent: str = "agent-1", token: str = TOKEN) -> None:
        """Register an agent with a one-time token that the test knows."""
        self.execute(
            "INSERT INTO agents_agent (id, title, enabled, token_key) VALUES (%s, '', true, %s)"
            " ON CONFLICT (id) DO UPDATE SET token_key=excluded.token_key",
            agent,
            token_key(token),
        )

    def up(self, *agents: str, controllers: int = 1) -> Self:
        """Start controllers and agents, and wait until all of them are coupled."""
        for agent in agents or ("agent-1",):
            self.register(agent)
        for number in range(1, controllers + 1):
            self.controller(f"controller-{number}")
        for agent in agents or ("agent-1",):
            self.agent(agent)
        for agent in agents or ("agent-1",):
            self.wait_coupled(agent)
            reading.keep_events(self.folder_of(agent) / "journal.sqlite")
        return self

    def wait_coupled(self, agent: str = "agent-1", within_s: float = 30.0) -> None:
        """Wait until the controller's row says that this agent is coupled."""
        wait_until(
            lambda: self.link(agent).get("state") == "coupled",
            within_s=within_s,
            why=lambda: f"{agent} is not coupled\n{self.logs()}",
        )

    def leader(self, within_s: float = 20.0) -> Child:
        """Return the controller process that leads."""

        def leading() -> Child | None:
            rows = self.rows("SELECT holder FROM cluster_lease WHERE role='controller.controller'")
            node = (rows[0][0] or "").rpartition("/")[0] if rows else ""
            return self.controllers.get(node)

        return wait_until(leading, within_s=within_s, why=lambda: f"nobody leads\n{self.logs()}")

    def logs(self) -> str:
        """Return the ends of all logs, for a failure's message."""
        children = [*self.controllers.values(), *self.agents.values()]
        return "\n".join(f"--- {child.name}\n{child.tail()}" for child in children)

    # -- the database -----------------------------------------------------------------------

    def connection(self) -> psycopg.Connection:
        """Return the test's own connection, made again where it was lost."""
        if self._conn is None or self._conn.closed or self._conn.broken:
            self._conn = psycopg.connect(self.parts.database_url(self.database), autocommit=True)
        return self._conn

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query; tries again while the database is away."""
        return wait_until(
            lambda: self._try(statement, values), within_s=40, why="the database does not answer"
        )[0]

    def _try(
        self, statement: str, values: tuple[object, ...]
    ) -> tuple[list[tuple[Any, ...]]] | None:
        with suppress(psycopg.OperationalError):
            cursor = self.connection().execute(statement.encode(), values)
            return (cursor.fetchall() if cursor.description else [],)
        return None

    def execute(self, statement: str, *values: object) -> None:
        """Carry out a statement."""
        self.rows(statement, *values)

    def link(self, agent: str = "agent-1") -> dict[str, Any]:
        """Return the controller's row about an agent, empty if it never met it."""
        names = ("state", "problem", "taken_n", "next_n", "nonce", "run")
        found = self.rows(
            "SELECT state, problem, taken_n, next_n, nonce, run FROM controller_link"
            " WHERE agent=%s",
            agent,
        )
        return dict(zip(names, found[0], strict=True)) if found else {}

    # -- requests ---------------------------------------------------------------------------

    def ask(self, request: Request | bytes, *, lane: int = 0) -> uuid.UUID:
        """Write a command row and wake the controller."""
        made = uuid.uuid4()
        body = request if isinstance(request, bytes) else _encode(request)
        self.execute(
            "INSERT INTO controller_command (id, controller, lane, body, account, made_at)"
            " VALUES (%s, 'controller', %s, %s, 'test', %s) ON CONFLICT DO NOTHING",
            made,
            lane,
            body,
            datetime.now(UTC),
        )
        self.execute("SELECT pg_notify('stellwerk_commands_controller', '')")
        return made

    def answer(self, command: uuid.UUID, within_s: float = 30.0) -> Answer:
        """Wait for the durable answer to a command."""

        def found() -> Answer | None:
            rows = self.rows("SELECT answer FROM controller_command WHERE id=%s", command)
            return _decode_answer(bytes(rows[0][0])) if rows and rows[0][0] is not None else None

        return wait_until(
            found,
            within_s=within_s,
            pause_s=0.01,
            why=lambda: f"no answer to a command\n{self.logs()}",
        )

    def deploy(self, path: str, document: Document, version: str = "v1") -> Answer:
        """Sign a workflow and let the controller take it over."""
        item = sealed(self.site, "workflow", path, version, json.dumps(document).encode())
        answer = self.answer(self.ask(TakeItems((item,))))
        assert answer.ok, answer
        return answer

    def add(self, workflow: str, ids: Iterable[str], **more: Any) -> uuid.UUID:
        """Ask for orders; returns the command without waiting."""
        return self.ask(AddOrders(tuple(NewOrder(id=i, workflow=workflow, **more) for i in ids)))

    # -- orders -----------------------------------------------------------------------------

    def orders(self) -> dict[str, str]:
        """Return the state of every order that is still there."""
        return dict(self.rows("SELECT order_id, state FROM controller_orderrow"))

    def wait_gone(self, within_s: float = 40.0) -> None:
        """Wait until no order is left."""
        wait_until(
            lambda: not self.rows("SELECT 1 FROM controller_orderrow LIMIT 1"),
            within_s=within_s,
            why=lambda: f"orders are left: {list(self.orders().items())[:10]}\n{self.logs()}",
        )

    def wait_settled(self, within_s: float = 40.0) -> dict[str, str]:
        """Wait until every order has left or stands still for a person; returns those left."""
        settled = {"Failed", "FailedWhileFresh", "Broken"}
        wait_until(
            lambda: set(self.orders().values()) <= settled,
            within_s=within_s,
            why=lambda: f"orders go on for ever: {list(self.orders().items())[:10]}\n{self.logs()}",
        )
        return self.orders()

    def entries(self) -> list[Entry]:
        """Return the controller's journal."""
        return reading.entries(self.connection())

    def pause_of_an_order(self, workflow: str, within_s: float = 15.0) -> float:
        """Return the seconds one new order takes from its request to its end."""
        order = f"probe-{uuid.uuid4().hex[:8]}"
        began = time.monotonic()
        command = self.add(workflow, [order])
        self.answer(command, within_s)
        wait_until(
            lambda: order not in self.orders(), within_s=within_s, why=self.logs, pause_s=0.01
        )
        return time.monotonic() - began


def lines(file: Path) -> list[str]:
    """Return the lines that jobs have written."""
    return file.read_text().splitlines() if file.exists() else []


def until_lines(file: Path, count: int, *, within_s: float = 60.0, why: Callable[[], str]) -> None:
    """Wait until jobs have written so many lines."""
    wait_until(lambda: len(lines(file)) >= count, within_s=within_s, why=why)
