"""Checks what a job runs: a script, Python, or one of the built-in jobs."""

import keyword
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from engine.objects.include import include_problems
from engine.values import MISSING, Value, kind_of
from engine.workflow.builtin import BUILT_IN, EXCLUSIVE, Argument, ArgumentType
from engine.workflow.checks.known import Known
from engine.workflow.checks.names import environment_name_problems
from engine.workflow.checks.values import choice_problems, constant_of
from engine.workflow.model import BuiltIn, Executable, PythonScript, ShellScript
from engine.workflow.problem import Path, Problem, problem, shown

_CALLABLE = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*(?:\.[^\W\d]\w*)*")

_KINDS: Mapping[ArgumentType, tuple[type, ...]] = {
    ArgumentType.TEXT: (str, Decimal, bool),
    ArgumentType.NUMBER: (Decimal, str),
    ArgumentType.WHOLE_NUMBER: (Decimal, str),
    ArgumentType.BOOLEAN: (bool, str),
    ArgumentType.LIST: (list,),
    ArgumentType.MAP: (dict,),
    ArgumentType.ANY: (object,),
}
"""What a value may be for each type; of a text the run tells whether it is a number."""


def executable_problems(path: Path, executable: Executable, known: Known) -> Iterator[Problem]:
    """Yield what is wrong with an executable but its expressions."""
    for name in executable.env:
        yield from environment_name_problems((*path, "env", name), name)
    match executable:
        case ShellScript(script=script):
            yield from _script_problems((*path, "script"), script)
            yield from include_problems((*path, "script"), script, known.include_scripts)
        case PythonScript():
            yield from _python_problems(path, executable)
        case BuiltIn():
            yield from _built_in_problems(path, executable)


def _script_problems(path: Path, script: str) -> Iterator[Problem]:
    if not script.strip():
        yield problem(path, "script-empty", "The script is empty.")


def _python_problems(path: Path, python: PythonScript) -> Iterator[Problem]:
    if (python.callable is None) == (python.script is None):
        sentence = "Give either callable or script."
        yield problem((*path, "callable"), "callable-or-script", sentence)
    if python.callable is not None and not _CALLABLE.fullmatch(python.callable):
        sentence = f"{shown(python.callable)} is no callable; one is package.module:function."
        yield problem((*path, "callable"), "callable-invalid", sentence)
    if python.script is not None:
        yield from _script_problems((*path, "script"), python.script)
    if python.interpreter is not None and not python.interpreter.strip():
        sentence = "The name of the interpreter is empty: leave it out for the agent's own."
        yield problem((*path, "interpreter"), "name-invalid", sentence)
    for name in python.arguments:
        if not name.isidentifier() or keyword.iskeyword(name):
            sentence = f"{shown(name)} cannot be the name of a variable in Python."
            yield problem((*path, "arguments", name), "name-invalid", sentence)


def _built_in_problems(path: Path, built_in: BuiltIn) -> Iterator[Problem]:
    if built_in.kind not in BUILT_IN:
        yield from choice_problems((*path, "kind"), built_in.kind, tuple(BUILT_IN))
        return
    declared = BUILT_IN[built_in.kind]
    at: Path = (*path, "arguments")
    for argument in declared.values():
        if argument.required and argument.name not in built_in.arguments:
            sentence = f"{built_in.kind} needs this argument: {argument.meaning}."
            yield problem((*at, argument.name), "argument-missing", sentence)
    for name, given in built_in.arguments.items():
        if name in declared:
            yield from _argument_problems((*at, name), declared[name], given)
        else:
            sentence = f"{built_in.kind} has no argument {shown(name)}: {', '.join(declared)}."
            yield problem((*at, name), "argument-unknown", sentence)
    yield from _exclusive_problems(at, built_in)


def _argument_problems(path: Path, argument: Argument, given: object) -> Iterator[Problem]:
    value = constant_of(given) if isinstance(given, str) else _as_value(given)
    if value is None or value is MISSING:
        return
    if not isinstance(value, _KINDS[argument.type]):
        sentence = f"This is {kind_of(value)}; a value of type {argument.type} is needed."
        yield problem(path, "wrong-type", sentence)
    elif argument.choices and isinstance(value, str):
        yield from choice_problems(path, value, argument.choices)


def _as_value(given: object) -> Value | None:
    """Return a plain value of the document as a value, as far as its kind matters."""
    if isinstance(given, bool):
        return given
    if isinstance(given, int | float):
        return Decimal(given)
    if isinstance(given, list | tuple):
        return []
    return {} if isinstance(given, dict) else None


def _exclusive_problems(path: Path, built_in: BuiltIn) -> Iterator[Problem]:
    for names in EXCLUSIVE.get(built_in.kind, ()):
        given = [name for name in names if name in built_in.arguments]
        if len(given) > 1:
            sentence = f"Only one of {', '.join(given)} can be given."
            yield problem((*path, given[1]), "argument-excluded", sentence)
