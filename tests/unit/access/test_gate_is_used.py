"""No view asks a table by itself: everything goes through the gate."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3] / "cockpit"
VIEWS = ("api", "pages")


def ungated(source: str) -> list[int]:
    """The lines on which a manager is asked directly."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and _is_manager(node)
    ]


def _is_manager(node: ast.Attribute) -> bool:
    of_class = isinstance(node.value, ast.Name) and node.value.id[:1].isupper()
    return node.attr in ("_default_manager", "_base_manager") or (
        node.attr == "objects" and of_class
    )


def test_views_ask_for_rows_through_the_gate_only() -> None:
    found = {
        str(file.relative_to(ROOT)): lines
        for area in VIEWS
        for file in (ROOT / area).rglob("*.py")
        if (lines := ungated(file.read_text()))
    }
    # Keys of repeated requests are the API's own; nobody is shown them.
    found.pop("api/keep.py", None)
    assert found == {}


def test_a_view_that_asked_a_manager_would_be_found() -> None:
    assert ungated("def get(self):\n    return OrderRow.objects.all()") == [2]
