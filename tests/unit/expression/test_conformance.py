"""The conformance tables of expressions: each row is evaluated alone."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.errors import EngineError
from engine.expression import DictScope, compile_expression
from engine.values import Value, equal, normalise

TABLES = Path(__file__).parents[2] / "conformance" / "orders" / "expressions"


def rows() -> list[Any]:
    """Every row of every table, named by its table and its place there."""
    found = []
    for path in sorted(TABLES.glob("*.yaml")):
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
        for place, row in enumerate(table.get("expressions", [])):
            found.append(pytest.param(row, id=f"{path.stem}-{place}"))
    return found


ROWS = rows()


def evaluated(row: dict[str, Any]) -> Value:
    return compile_expression(row["expr"]).evaluate(DictScope(row.get("given", {})))


def test_the_tables_are_there() -> None:
    assert len(ROWS) > 100


@pytest.mark.parametrize("row", [row for row in ROWS if "error" not in row.values[0]])
def test_an_expression_has_the_result_of_the_table(row: dict[str, Any]) -> None:
    value = evaluated(row)
    assert equal(value, normalise(row["result"])), value


@pytest.mark.parametrize("row", [row for row in ROWS if "error" in row.values[0]])
def test_an_expression_fails_as_the_table_says(row: dict[str, Any]) -> None:
    with pytest.raises(EngineError) as failure:
        evaluated(row)
    if row["error"] is not True:
        assert row["error"] in str(failure.value)
