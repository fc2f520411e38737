"""Runs a Python job: a callable by name, or a script. Started by its path, by any Python 3.8+.

Stands alone: standard library only, and nothing of this package, which another interpreter lacks.
"""

from __future__ import annotations

import importlib
import json
import linecache
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

ARGUMENTS = "STELLWERK_ARGUMENTS"
RETURN_VALUES = "JS7_RETURN_VALUES"
NAME = "<script of the job>"


def main() -> int:
    """Run the job and return its return code; an exception is 1 with a traceback on stderr."""
    # The folder of this file is no place for the job's modules; its working directory is.
    sys.path[0] = str(Path.cwd())
    signal.signal(signal.SIGTERM, _terminate)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]
    job = _taken()
    try:
        _leave(_called(job) if job.get("callable") else _run(job))
    except SystemExit as end:
        return _code(end)
    except BaseException:  # whatever it is, it is the job's
        _tell_own()
        return 1
    return 0


def _taken() -> Any:
    """Return what the agent asks for and delete its file: nobody else is to read it."""
    path = Path(os.environ.pop(ARGUMENTS))
    content = path.read_bytes()
    path.unlink()
    return json.loads(content)


def _called(job: dict[str, Any]) -> Any:
    module, _, names = job["callable"].partition(":")
    found: Any = importlib.import_module(module)
    for name in names.split("."):
        found = getattr(found, name)
    return found(**job["arguments"])


def _run(job: dict[str, Any]) -> Any:
    """Run the script; what it leaves in `result` is returned."""
    text = job["script"]
    linecache.cache[NAME] = (len(text), None, text.splitlines(keepends=True), NAME)
    scope = {"__name__": "__main__", "__file__": NAME, **job["arguments"]}
    exec(compile(text, NAME, "exec"), scope)  # noqa: S102  # the job is this script
    return scope.get("result")


def _leave(returned: object) -> None:
    if returned is None:
        return
    if not isinstance(returned, dict):
        kind = type(returned).__name__
        raise TypeError(f"a job returns a dict of named values or None, not {kind}")
    file = Path(os.environ[RETURN_VALUES])
    values = {**_written(file), **returned}
    kept = {str(name): value for name, value in values.items() if value is not None}
    file.write_text(json.dumps(kept, default=str, allow_nan=False), encoding="utf-8")


def _written(file: Path) -> dict[str, str]:
    """Return what the job wrote to the file of return values itself."""
    lines = file.read_text(encoding="utf-8").split("\n") if file.exists() else []
    pairs = (line.partition("=") for line in lines)
    return {name: value for name, equals, value in pairs if equals}


def _code(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    print(end.code, file=sys.stderr)  # noqa: T201  # as Python itself does
    return 1


def _tell_own() -> None:
    """Print the traceback from where the job's own code begins."""
    kind, problem, trace = sys.exc_info()
    while trace and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    traceback.print_exception(kind, problem, trace)


def _terminate(_signal: int, _frame: object) -> NoReturn:
    """Let `finally` and `with` of the job do their work."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(128 + signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
