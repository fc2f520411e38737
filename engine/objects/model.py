"""Objects beside workflows that the controller knows: locks, notice boards, job resources.

In the shape and with the field names of JS7's inventory. Their paths and versions are not part of
them. Only shape lives here; `engine.objects.read` makes these values.
"""

from typing import Any, Literal, TypeAlias

import msgspec


class ResourceLock(msgspec.Struct, frozen=True, rename="camel"):
    """A lock: `limit` is what all holders together may have of it; 0 blocks everyone."""

    limit: int = 1
    title: str | None = None
    documentation_name: str | None = None


class NoticeBoard(msgspec.Struct, frozen=True, rename="camel"):
    """A board: expressions over the order give the key of the notice it posts or expects.

    A GLOBAL board's keys are free and its notices live until `endOfLife` (milliseconds since 1970,
    an expression). A PLANNABLE one has keys for each plan, and they go with the plan.
    """

    post_order_to_notice_id: str
    expect_order_to_notice_id: str
    board_type: Literal["GLOBAL", "PLANNABLE"] = "GLOBAL"
    end_of_life: str | None = None
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


Object: TypeAlias = ResourceLock | NoticeBoard | JobResource | IncludeScript
"""What `engine.objects.read` returns; job templates have a module of their own."""
