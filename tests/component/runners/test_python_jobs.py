"""Python jobs: callables and scripts in a process of their own."""

import signal
from pathlib import Path

import pytest

from tests.component.runners.running import begin, finish


def job(**given: object) -> dict[str, object]:
    """Return what the agent writes for a Python job."""
    return {"callable": None, "script": None, "arguments": {}, **given}


def ran(folder: Path, **given: object):  # type: ignore[no-untyped-def]
    """Return what a Python job left."""
    return finish(begin("Python", job(**given), folder), folder)


def test_a_callable_gets_typed_arguments_and_returns_named_values(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(
        "def close(day, factor, rows):\n"
        "    print('closing', day)\n"
        "    return {'total': factor * sum(rows), 'rows': rows, 'done': True, 'none': None}\n"
    )
    left = ran(tmp_path, callable="shop:close", arguments={"day": "é", "factor": 2, "rows": [1, 2]})
    assert (left.code, left.out, left.err) == (0, "closing é\n", "")
    assert left.values == {"total": 6, "rows": [1, 2], "done": True}


def test_a_script_finds_its_arguments_and_leaves_a_result(tmp_path: Path) -> None:
    left = ran(tmp_path, script="result = {'n': n + 1}", arguments={"n": 41})
    assert left.values == {"n": 42}


def test_an_exception_is_return_code_1_with_the_jobs_own_traceback(tmp_path: Path) -> None:
    left = ran(tmp_path, script="def f():\n    raise ValueError('no such day')\n\nf()\n")
    assert left.code == 1
    assert "ValueError: no such day" in left.err
    assert "raise ValueError('no such day')" in left.err
    assert "python_script.py" not in left.err


@pytest.mark.parametrize(
    ("text", "code"), [("raise SystemExit(7)", 7), ("import sys; sys.exit()", 0)]
)
def test_a_script_may_choose_its_return_code(tmp_path: Path, text: str, code: int) -> None:
    assert ran(tmp_path, script=text).code == code


def test_what_is_no_dict_is_refused(tmp_path: Path) -> None:
    left = ran(tmp_path, script="result = 5")
    assert left.code == 1
    assert "returns a dict" in left.err


def test_values_written_as_lines_and_returned_ones_come_together(tmp_path: Path) -> None:
    text = (
        "import os\n"
        "open(os.environ['JS7_RETURN_VALUES'], 'w').write('a=1\\nb=2\\n')\n"
        "result = {'b': 3}"
    )
    assert ran(tmp_path, script=text).values == {"a": "1", "b": 3}


def test_an_interpreter_without_our_packages_runs_a_job(tmp_path: Path) -> None:
    text = "import sys; result = {'path': sys.path, 'name': __name__}"
    values = ran(tmp_path, script=text).values
    assert values["name"] == "__main__"
    assert values["path"][0] == str(tmp_path)
    assert not any(p.endswith("runners") for p in values["path"])


def test_finally_is_run_when_the_job_is_asked_to_end(tmp_path: Path) -> None:
    text = "import time\ntry:\n    print('up'); time.sleep(30)\nfinally:\n    print('closed')\n"
    process = begin("Python", job(script=text), tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGTERM)
    left = finish(process, tmp_path)
    assert (left.code, left.out) == (143, "closed\n")


def test_the_arguments_are_not_in_the_environment_of_the_job(tmp_path: Path) -> None:
    text = "import os; result = {'seen': 'STELLWERK_ARGUMENTS' in os.environ}"
    assert ran(tmp_path, script=text).values == {"seen": False}
