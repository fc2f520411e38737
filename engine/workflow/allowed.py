"""The values that a declared variable may have. JS7 lists texts with quotes or without."""

import re

from engine.workflow.model import Parameter

# 'raw' or "text" without anything to be put in.
_QUOTED = re.compile(r"""'([^']*)'|"([^"\\$]*)\"""")


def allowed_values(parameter: Parameter) -> tuple[object, ...] | None:
    """Return the values in the list of a parameter, None where it has no list."""
    if parameter.list is None:
        return None
    return tuple(v if constant(v) is None else constant(v) for v in parameter.list)


def constant(value: object) -> object:
    """Return what a quoted text or a plain value means; None for an expression."""
    if not isinstance(value, str):
        return value
    quoted = _QUOTED.fullmatch(value)
    if quoted:
        return quoted[1] if quoted[1] is not None else quoted[2]
    return None
