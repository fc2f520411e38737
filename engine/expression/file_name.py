"""The name of a file that `toFile` makes. Pure; where the file lies is its maker's affair."""

from engine.expression.errors import EvaluationFailed

LONGEST_BYTES = 255
_SEPARATORS = frozenset("/\\")


def file_name(pattern: str, unique: str) -> str:
    """Return the name that a pattern gives: its `*`, if it has one, is the unique text.

    Raises:
        EvaluationFailed: it would be no name of a file, or lead to another folder.
    """
    if pattern.count("*") > 1:
        raise EvaluationFailed("The name of a file for toFile has at most one *.")
    if any(c in _SEPARATORS or ord(c) < 32 or ord(c) == 127 for c in pattern):
        raise EvaluationFailed(
            "The name of a file for toFile has no /, no \\ and no control characters."
        )
    name = pattern.replace("*", unique)
    if name in ("", ".", ".."):
        raise EvaluationFailed(f"{name!r} is no name of a file for toFile.")
    if len(name.encode("utf-8", "surrogatepass")) > LONGEST_BYTES:
        raise EvaluationFailed(
            f"The name of a file for toFile is longer than {LONGEST_BYTES} bytes."
        )
    return name
