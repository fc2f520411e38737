"""Sql against SQLite and PostgreSQL."""

import json
import signal
from pathlib import Path

import psycopg

from agents.runners.sql_split import statements
from agents.worker.arguments import typed
from cockpit.embedded import Urls
from tests.component.runners.running import begin, finish, run


def test_statements_end_at_semicolons_outside_of_texts_and_comments() -> None:
    script = "select ';'; -- a; b\n update t set a = $x$;$x$ /* ; */ ; ; select \"a;b\""
    assert statements(script) == [
        "select ';'",
        "-- a; b\n update t set a = $x$;$x$ /* ; */",
        'select "a;b"',
    ]


def test_rows_of_the_last_select_become_a_return_value(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shop.db"
    script = "create table t (a integer, b text); insert into t values (1, 'ä'), (2, null);"
    assert run("Sql", tmp_path, url=url, statement=script).values == {"row_count": 2}
    left = run(
        "Sql",
        tmp_path,
        url=url,
        statement="select a, b from t where a >= :low order by a; ",
        parameters={"low": 1, "unused": 2},
    )
    assert left.code == 0, left.err
    assert left.values == {"rows": [{"a": 1, "b": "ä"}, {"a": 2, "b": None}], "row_count": 2}
    assert [json.loads(line) for line in left.out.splitlines()] == left.values["rows"]


def test_all_statements_or_none(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shop.db"
    run("Sql", tmp_path, url=url, statement="create table t (a integer)")
    script = "insert into t values (1); insert into missing_one values (2)"
    left = run("Sql", tmp_path, url=url, statement=script)
    assert left.code == 1
    assert "no such table: missing_one" in left.err
    count = "select count(*) n from t"
    assert run("Sql", tmp_path, url=url, statement=count).values["rows"] == [{"n": 0}]
    run("Sql", tmp_path, url=url, statement=script, autocommit=True)
    assert run("Sql", tmp_path, url=url, statement=count).values["rows"] == [{"n": 1}]


def test_rows_beyond_the_limit_are_left_out(tmp_path: Path) -> None:
    script = """
        with recursive n(i) as (select 1 union all select i + 1 from n where i < 9)
        select i from n
    """
    left = run("Sql", tmp_path, url="sqlite://", statement=script, result_limit=3)
    assert len(left.values["rows"]) == 3
    assert "More than 3 rows" in left.out


def test_an_unknown_database_is_a_sentence(tmp_path: Path) -> None:
    assert "no database" in run("Sql", tmp_path, url="what", statement="select 1").err
    assert "not installed" in run("Sql", tmp_path, url="mysql+pymysql://x/y", statement="s").err


def test_postgresql_answers_with_types_and_lists(parts: Urls, tmp_path: Path) -> None:
    left = run(
        "Sql",
        tmp_path,
        url=parts.database_url,
        statement="select %s::int + 1 as n, now()::date > '2020-01-01' as late, 1.50 as price",
        parameters=[41],
    )
    assert left.code == 0, left.err
    assert left.values["rows"] == [{"n": 42, "late": True, "price": 1.5}]


def test_a_statement_that_takes_too_long_is_given_up(parts: Urls, tmp_path: Path) -> None:
    left = run(
        "Sql", tmp_path, url=parts.database_url, statement="select pg_sleep(30)", timeout=0.5
    )
    assert left.code == 1
    assert "timeout" in left.err or "in time" in left.err


def test_the_statement_ends_with_the_job(parts: Urls, tmp_path: Path) -> None:
    mark = "select pg_sleep(31) as stellwerk_test_of_ending"
    arguments = typed("Sql", {"url": parts.database_url, "statement": mark})
    process = begin("Sql", arguments, tmp_path)
    running = "select count(*) from pg_stat_activity where query = %s and state = 'active'"
    with psycopg.connect(parts.database_url, autocommit=True) as watch:

        def count() -> int:
            row = watch.execute(running, (mark,)).fetchone()
            return row[0] if row else 0

        while not count():
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert finish(process, tmp_path).code == 143
        while count():
            pass


def test_numbers_that_json_lacks_become_texts(parts: Urls, tmp_path: Path) -> None:
    """As in PostgreSQL's own JSON: one of them does not fail the job or spoil the other rows."""
    statement = """
        select 'NaN'::float8 a, '-Infinity'::float8 b, 'NaN'::numeric c, 'Infinity'::numeric d,
               array['NaN'::float8, 1] e, 1e300::float8 f
    """
    left = run("Sql", tmp_path, url=parts.database_url, statement=statement)
    assert left.code == 0, left.err
    row = {"a": "NaN", "b": "-Infinity", "c": "NaN", "d": "Infinity", "e": ["NaN", 1], "f": 1e300}
    assert left.values["rows"] == [row]
    assert json.loads(left.out, parse_constant=_no_json) == row


def _no_json(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")
