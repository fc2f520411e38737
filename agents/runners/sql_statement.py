"""Sql: statements on any database that SQLAlchemy knows and whose driver is installed.

Rows go to stdout, one JSON object a line. Return values: the rows of the last statement that has
some, under the name in `result_variable`, and `row_count`, how many it returned or changed.
"""

import json
import signal
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from sqlalchemy import Connection, CursorResult, Engine, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from agents.runners.run import Ended, JobFailed, as_json, tell
from agents.runners.sql_split import statements

_DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}


def run(arguments: dict[str, Any]) -> Ended:
    """Run the statements, all or nothing unless `autocommit` is asked for.

    Raises:
        JobFailed: the database refused something, or did not answer in time.
    """
    signal.signal(signal.SIGALRM, _late)
    signal.setitimer(signal.ITIMER_REAL, arguments["timeout"])
    engine: Engine | None = None
    try:
        engine = create_engine(
            _url(arguments), connect_args=_connect(arguments), hide_parameters=True
        )
        if arguments["autocommit"]:
            engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        with engine.begin() as connection:
            return Ended(_all(connection, arguments))
    except (ArgumentError, NoSuchModuleError):
        raise JobFailed("url: It names no database that is known here.") from None
    except ImportError as problem:
        raise JobFailed(f"The driver is not installed: {problem.name}.") from None
    except SQLAlchemyError as problem:
        raise JobFailed(str(getattr(problem, "orig", None) or problem).strip()) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        if engine is not None:
            engine.dispose()


def _late(_signal: int, _frame: object) -> NoReturn:
    raise JobFailed("The database did not answer in time.")


def _url(arguments: Mapping[str, Any]) -> URL:
    url = make_url(arguments["url"])
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    if "user" in arguments:
        url = url.set(username=arguments["user"])
    return url.set(password=arguments["password"]) if "password" in arguments else url


def _connect(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return how long the driver itself waits: a signal alone does not interrupt all of them."""
    timeout_s = arguments["timeout"]
    match _url(arguments).get_backend_name():
        case "sqlite":
            return {"timeout": timeout_s}
        case "postgresql":
            milliseconds = max(1, round(timeout_s * 1000))
            return {
                "connect_timeout": max(1, round(timeout_s)),
                "options": f"-c statement_timeout={milliseconds}",
            }
        case _:
            return {}


def _all(connection: Connection, arguments: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for statement in statements(arguments["statement"]):
        result = _executed(connection, statement, arguments.get("parameters"))
        if result.returns_rows:
            rows = list(_rows(result, arguments["result_limit"]))
            values |= {arguments["result_variable"]: rows, "row_count": len(rows)}
        elif result.rowcount >= 0:
            values["row_count"] = result.rowcount
    return values


def _executed(connection: Connection, statement: str, parameters: object) -> CursorResult[Any]:
    if isinstance(parameters, dict):
        made = text(statement)
        wanted = made.compile().params
        if missing := sorted(wanted.keys() - parameters.keys()):
            raise JobFailed(f"parameters: {', '.join(missing)} are missing.")
        return connection.execute(made, {name: parameters[name] for name in wanted})
    if isinstance(parameters, list) and parameters:
        return connection.exec_driver_sql(statement, tuple(parameters))
    return connection.exec_driver_sql(statement)


def _rows(result: CursorResult[Any], limit: int) -> Iterator[dict[str, Any]]:
    names = list(result.keys())
    for row in result.fetchmany(limit):
        found = dict(zip(names, row, strict=True))
        line = as_json(found)
        tell(line)
        yield json.loads(line)
    if result.fetchone() is not None:
        tell(f"More than {limit} rows; the rest is left out.")
