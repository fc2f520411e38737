"""Modules and functions stay small enough to be read in one sitting."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINES = 400
LINES_OF_A_FUNCTION = 50
LONG_FOR_A_REASON = {
    "cockpit/api/orders/ended.py ended_seen",
    "cockpit/api/orders/present.py seen",
}
"""One value, one line for each of its fields."""


def modules() -> Iterator[tuple[str, str]]:
    """Yield name and text of each module that people write."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    for name in listed:
        if "/migrations/" not in name and (ROOT / name).exists():
            yield name, (ROOT / name).read_text()


def long_functions(text: str) -> list[str]:
    """Return the names of functions that are longer than one sees at once."""
    found = (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef))
    return [n.name for n in found if (n.end_lineno or 0) - n.lineno >= LINES_OF_A_FUNCTION]


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    assert [name for name, text in modules() if len(text.splitlines()) > LINES] == []


def test_no_function_of_the_product_is_longer_than_fifty_lines() -> None:
    product = [(name, text) for name, text in modules() if not name.startswith("tests/")]
    found = {f"{name} {function}" for name, text in product for function in long_functions(text)}
    assert found - LONG_FOR_A_REASON == set()


def test_a_long_function_is_found() -> None:
    body = "\n    pass" * LINES_OF_A_FUNCTION
    assert long_functions(f"def short(): pass\ndef long():{body}") == ["long"]
