"""Pages of long lists by the key of the last row, never by counting rows.

A page's cost does not depend on how deep it lies. The order is newest first.
"""

import datetime as dt
from typing import TypeVar

import msgspec
from django.db.models import BooleanField, Model, QuerySet
from django.db.models.expressions import RawSQL

Row = TypeVar("Row", bound=Model)

MOST_ROWS = 1_000


class CursorUnreadable(Exception):
    """A cursor that no page has given out."""


class Page(msgspec.Struct, frozen=True):
    """Rows of a list, and the cursors of the pages around it; None where there is none."""

    rows: list[Model]
    older: str | None
    newer: str | None


def page(
    rows: QuerySet[Row], moment: str, number: str, *, cursor: str | None = None, limit: int = 100
) -> Page:
    """Return a page of rows, newest first by the columns `moment` and `number`.

    A cursor is `MICROSECONDS.NUMBER` of the last row before the page, with `-` in front where the
    page lies on its newer side.

    Raises:
        CursorUnreadable: see above.
    """
    limit = max(1, min(limit, MOST_ROWS))
    is_newer = cursor is not None and cursor.startswith("-")
    if cursor is not None:
        rows = rows.filter(_beyond(cursor.removeprefix("-"), moment, number, is_newer=is_newer))
    order = (moment, number) if is_newer else (f"-{moment}", f"-{number}")
    found = list(rows.order_by(*order)[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    if is_newer:
        found.reverse()
    if not found:
        return Page([], None, None)
    first, last = (_key(row, moment, number) for row in (found[0], found[-1]))
    has_older = is_newer or more
    has_newer = more if is_newer else cursor is not None
    return Page(list(found), last if has_older else None, f"-{first}" if has_newer else None)


_UNIX = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _key(row: Model, moment: str, number: str) -> str:
    at_us = (getattr(row, moment) - _UNIX) // dt.timedelta(microseconds=1)
    return f"{at_us}.{getattr(row, number)}"


def _beyond(cursor: str, moment: str, number: str, *, is_newer: bool) -> RawSQL:
    try:
        at_us, no = (int(part) for part in cursor.split("."))
        at = _UNIX + dt.timedelta(microseconds=at_us)
    except (ValueError, OverflowError):
        raise CursorUnreadable(f"{cursor!r} is no cursor of this list.") from None
    # A row comparison walks the index; Django would write an OR, which reads far too much.
    sign = ">" if is_newer else "<"
    return RawSQL(f"({moment}, {number}) {sign} (%s, %s)", (at, no), BooleanField())  # noqa: S611
