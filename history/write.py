"""Changes of the history to rows, in as few statements as a batch allows.

New rows go by COPY; rows that are there change by one UPDATE a day, fed by arrays.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, LiteralString

import msgspec
import psycopg
from psycopg import sql

from history.changes import Changes
from history.judge import judge
from history.runs import JobEnd, JobRun, Run, StateChange

_UNIX = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

_Layout = tuple[bytes, tuple[tuple[int, Callable[[Any], Any]], ...]]
"""The COPY of a value, and which of its fields need another form for it."""

Columns = Sequence[tuple[str, str, Callable[[Any], str]]]
"""Field, type of the column, and the form in an array; the key first."""

_by_day = attrgetter("day")


def write(conn: psycopg.Connection, changes: Changes) -> None:
    """Write a batch in the transaction that is open; the partitions of its days must exist."""
    runs = changes.runs.values()
    _copy(conn, Run, [r for r in runs if r.run in changes.born])
    known = [r for r in runs if r.run not in changes.born]
    _update_runs(conn, _UPDATE_RUNS, _RUN_CHANGES, known)
    altered = [r for r in known if r.run in changes.altered]
    _update_runs(conn, _ALTER_RUNS, _ALTERATIONS, altered)
    _copy(conn, StateChange, changes.states)
    _copy(conn, JobRun, changes.jobs.values())
    _end_jobs(conn, changes)
    judge(conn, changes.controller, changes.judged)
    _count(conn, changes)


def moment(at_us: int | None) -> str | None:
    """Return a moment in the text form of PostgreSQL."""
    return None if at_us is None else str(_UNIX + dt.timedelta(microseconds=at_us))


def column_of(field: str) -> str:
    """Return the column of a value's field: `added_at` for `added_us`, `at` for `at_us`."""
    name = field.removesuffix("_us")
    return field if name == field else name if name == "at" else f"{name}_at"


def _copy(conn: psycopg.Connection, kind: type[msgspec.Struct], rows: Iterable[Any]) -> None:
    rows = list(rows)
    if not rows:
        return
    statement, forms = _LAYOUT[kind]
    astuple = msgspec.structs.astuple
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            values = list(astuple(row))
            for index, form in forms:
                values[index] = form(values[index])
            copy.write_row(values)


def _update_runs(
    conn: psycopg.Connection, statement: bytes, columns: Columns, runs: Sequence[Run]
) -> None:
    for day, of_day in groupby(sorted(runs, key=_by_day), key=_by_day):
        rows = list(of_day)
        _update(conn, statement, rows, columns, (rows[0].controller, day))


def _end_jobs(conn: psycopg.Connection, changes: Changes) -> None:
    ends = sorted(changes.ends.values(), key=_by_day)
    for day, of_day in groupby(ends, key=_by_day):
        _update(conn, _END_JOBS, list(of_day), _END_CHANGES, (changes.controller, day))


def _update(
    conn: psycopg.Connection,
    statement: bytes,
    rows: Sequence[Any],
    columns: Columns,
    where: tuple[str, dt.date],
) -> None:
    arrays = [_array(map(attrgetter(field), rows), form) for field, _, form in columns]
    conn.execute(statement, (*arrays, *where))


def _array(values: Iterable[Any], form: Callable[[Any], str]) -> str:
    return "{" + ",".join(["NULL" if v is None else form(v) for v in values]) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _quoted_moment(at_us: int) -> str:
    return f'"{_UNIX + dt.timedelta(microseconds=at_us)}"'


def _quoted_bytes(value: bytes) -> str:
    return f'"\\\\x{value.hex()}"'


def _text_array(texts: Sequence[str] | None) -> str | None:
    return None if texts is None else _array(texts, _quoted)


def _quoted_array(texts: Sequence[str]) -> str:
    return _quoted(_array(texts, _quoted))


def _count(conn: psycopg.Connection, changes: Changes) -> None:
    counts = changes.counts()
    if not counts:
        return
    workflows, groups, children, steps = zip(
        *((w, g, c, n) for (w, g, c), n in sorted(counts.items())), strict=True
    )
    conn.execute(
        'INSERT INTO history_groupcount AS c (controller, workflow, "group", child, count)'
        " SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::bool[], %s::bigint[])"
        ' ON CONFLICT (controller, workflow, "group", child)'
        " DO UPDATE SET count = c.count + excluded.count",
        (
            changes.controller,
            _array(workflows, _quoted),
            _array(groups, _quoted),
            _array(children, str),
            _array(steps, str),
        ),
    )


def _layout(table: str, kind: type[msgspec.Struct]) -> _Layout:
    fields = kind.__struct_fields__
    columns = sql.SQL(", ").join(sql.Identifier(column_of(name)) for name in fields)
    forms: list[tuple[int, Callable[[Any], Any]]] = []
    for index, name in enumerate(fields):
        if name.endswith("_us"):
            forms.append((index, moment))
        elif name in ("tags", "stop_positions"):
            forms.append((index, _text_array))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)
    return statement.as_bytes(), tuple(forms)


def _updating(table: str, key: str, columns: Columns) -> bytes:
    """Return an UPDATE from one array a column, the key's first, then controller and day."""
    names = [column_of(field) for field, _, _ in columns]
    return (
        sql.SQL(
            "UPDATE {table} AS t SET {changes} FROM unnest({arrays}) AS u ({names})"
            " WHERE t.{key} = u.{key} AND t.controller = %s AND t.day = %s"
        )
        .format(
            table=sql.Identifier(table),
            changes=sql.SQL(", ").join(
                sql.SQL(f"{{0}} = u.{{0}}{_cast(type_)}").format(sql.Identifier(column_of(field)))
                for field, type_, _ in columns[1:]
            ),
            arrays=sql.SQL(", ").join(
                sql.SQL(f"%s::{type_.removesuffix('[]')}[]") for _, type_, _ in columns
            ),
            names=sql.SQL(", ").join(map(sql.Identifier, names)),
            key=sql.Identifier(key),
        )
        .as_bytes()
    )


def _cast(type_: str) -> LiteralString:
    """Return the cast of a column that comes as text, as arrays of arrays would be one array."""
    return "::text[]" if type_ == "text[]" else ""


_LAYOUT: dict[type[msgspec.Struct], _Layout] = {
    Run: _layout("history_orderrun", Run),
    StateChange: _layout("history_orderrunstate", StateChange),
    JobRun: _layout("history_jobrun", JobRun),
}

_RUN_CHANGES: Columns = (
    ("run", "bigint", str),
    ("state", "text", str),
    ("group", "text", str),
    ("suspended", "bool", str),
    ("live", "bool", str),
    ("position", "text", _quoted),
    ("label", "text", _quoted),
    ("reason", "text", _quoted),
    ("until_us", "timestamptz", _quoted_moment),
    ("outcome", "text", str),
    ("message", "text", _quoted),
    ("return_code", "int", str),
    ("started_us", "timestamptz", _quoted_moment),
    ("ended_us", "timestamptz", _quoted_moment),
    ("agent", "text", _quoted),
    ("priority", "int", str),
    ("job_no", "bigint", str),
    ("job_day", "date", str),
    ("changed_no", "bigint", str),
)
_ALTERATIONS: Columns = (
    ("run", "bigint", str),
    ("version", "text", _quoted),
    ("scheduled_us", "timestamptz", _quoted_moment),
    ("arguments", "bytea", _quoted_bytes),
    ("stop_positions", "text[]", _quoted_array),
    ("block_position", "text", _quoted),
)
_NEVER_CHANGES = frozenset(
    {
        "day", "controller", "order_id", "parent", "workflow", "order_date", "plan", "added_us",
        "tags", "force_admission", "remain", "file_source", "file_name",
    }
)  # fmt: skip
_END_CHANGES: Columns = (
    ("no", "bigint", str),
    ("state", "text", str),
    ("lost", "bool", str),
    ("return_code", "int", str),
    ("message", "text", _quoted),
    ("ended_us", "timestamptz", _quoted_moment),
    ("warnings", "jsonb", _quoted),
    ("returned", "bytea", _quoted_bytes),
)
assert {field for field, _, _ in (*_RUN_CHANGES, *_ALTERATIONS)} == (  # noqa: S101
    set(Run.__struct_fields__) - _NEVER_CHANGES
)
assert {field for field, _, _ in _END_CHANGES} <= set(JobEnd.__struct_fields__)  # noqa: S101

_UPDATE_RUNS = _updating("history_orderrun", "run", _RUN_CHANGES)
_ALTER_RUNS = _updating("history_orderrun", "run", _ALTERATIONS)
_END_JOBS = _updating("history_jobrun", "no", _END_CHANGES)
