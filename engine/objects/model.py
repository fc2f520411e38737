"""Objects beside workflows: locks, notice boards, job resources, include scripts, file watches.

In the shape and with the field names of JS7's inventory. Their paths and versions are not part of
them. Only shape lives here; `engine.objects.read` makes these values.
"""

from enum import StrEnum
from typing import Any, Literal, TypeAlias

import msgspec


class ResourceLock(msgspec.Struct, frozen=True, rename="camel"):
    """A lock: `limit` is what all holders together may have of it; 0 blocks everyone."""

    limit: int = 1
    title: str | None = None
    documentation_name: str | None = None


class Policy(StrEnum):
    """When a notice that was consumed is deleted; a board's `consumptionPolicy`."""

    ANY_SUCCESS = "any_success"  # its last consumption has ended, and one has succeeded
    ALL_SUCCESS = "all_success"  # its last consumption has ended, and none is left failed
    LAST_FINISHER = "last_finisher"  # its last consumption has ended, and that succeeded: JS7
    CLOSE_ON_FIRST_SUCCESS = "close_on_first_success"  # one has succeeded: nobody joins any more


class NoticeBoard(msgspec.Struct, frozen=True, rename="camel"):
    """A board: expressions over the order give the key of the notice it posts or expects.

    A GLOBAL board's keys are free and its notices live until `endOfLife` (milliseconds since 1970,
    an expression). A PLANNABLE one has keys for each plan, and they go with the plan.
    `max_block_duration`: seconds after which somebody who consumes a notice is warned of.
    """

    post_order_to_notice_id: str
    expect_order_to_notice_id: str
    board_type: Literal["GLOBAL", "PLANNABLE"] = "GLOBAL"
    end_of_life: str | None = None
    consumption_policy: Literal[
        "any_success", "all_success", "last_finisher", "close_on_first_success"
    ] = "any_success"
    max_block_duration: int | None = None
    title: str | None = None
    documentation_name: str | None = None


class JobResource(msgspec.Struct, frozen=True, rename="camel"):
    """Variables and environment that several jobs share.

    All values are expressions; `env` may use the arguments, neither sees the order's variables.
    """

    arguments: dict[str, Any] = {}
    env: dict[str, Any] = {}
    title: str | None = None
    documentation_name: str | None = None


class IncludeScript(msgspec.Struct, frozen=True, rename="camel"):
    """A piece of script that jobs include by `##!include NAME`, put in at deployment."""

    script: str
    title: str | None = None
    documentation_name: str | None = None


class FileOrderSource(msgspec.Struct, frozen=True, rename="camel"):
    """A directory at an agent; each file that arrives in it becomes an order of a workflow.

    Either `directory` is a path or `directoryExpr` an expression for one, evaluated at the agent.
    `pattern` is a regular expression that the whole name of a file has to match; without one all
    names do that do not begin with a dot. A file counts as complete once it has not changed for
    `delay` seconds. `timeZone` gives the day in the ids of the orders.
    """

    workflow_name: str
    agent_name: str
    directory: str | None = None
    directory_expr: str | None = None
    pattern: str | None = None
    time_zone: str = "Etc/UTC"
    delay: int = 2
    priority: int = 0
    tags: tuple[str, ...] = ()
    title: str | None = None
    documentation_name: str | None = None


Object: TypeAlias = ResourceLock | NoticeBoard | JobResource | IncludeScript | FileOrderSource
"""What `engine.objects.read` returns; job templates have a module of their own."""
