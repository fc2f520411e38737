"""Replacing in many texts at once, bounded in time whatever the pattern is.

Regular expressions run in a process of their own, which is ended when it takes too long: some
patterns need centuries for a short text.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence

import msgspec

from engine.workflow.problem import problem
from inventory.errors import Located, PatternRefused

TIMEOUT_S = 5.0
LONGEST_PATTERN = 1_000
LARGEST_RESULT = 64 * 1024 * 1024
"""Characters of all texts together after replacing."""

_PROGRAM = """
import json, re, sys
given = json.load(sys.stdin)
pattern, room, done = re.compile(given["pattern"], given["flags"]), given["room"], []
for text in given["texts"]:
    try:
        changed, count = pattern.subn(given["replacement"], text)
    except (re.error, IndexError) as e:
        sys.stderr.write(str(e))
        sys.exit(4)
    room -= len(changed)
    if room < 0:
        sys.exit(3)
    done.append([changed, count])
json.dump(done, sys.stdout)
"""


class Pattern(msgspec.Struct, frozen=True, kw_only=True):
    """What is replaced by what; a regular expression may use groups, as `\\1` or `\\g<name>`."""

    text: str
    replacement: str
    regex: bool = False
    ignore_case: bool = False


class Replaced(msgspec.Struct, frozen=True):
    """A text after replacing, and at how many places."""

    text: str
    count: int


def substituted(
    pattern: Pattern, texts: Sequence[str], *, timeout_s: float = TIMEOUT_S
) -> list[Replaced]:
    """Return the texts with every occurrence replaced.

    Raises:
        PatternRefused: it is none, the replacement names a group that is not there, or it takes
            longer than the time or the room that there is.
    """
    expression = _compiled(pattern)
    if not pattern.regex:
        return [_literally(expression, pattern.replacement, text) for text in texts]
    given = {
        "pattern": pattern.text, "flags": int(_flags(pattern)), "room": LARGEST_RESULT,
        "replacement": pattern.replacement, "texts": list(texts),
    }  # fmt: skip
    return [Replaced(*each) for each in json.loads(_run(json.dumps(given), timeout_s))]


def _literally(expression: re.Pattern[str], replacement: str, text: str) -> Replaced:
    return Replaced(*expression.subn(lambda _: replacement, text))


def _run(given: str, timeout_s: float) -> str:
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _PROGRAM],
            input=given, capture_output=True, text=True, encoding="utf-8", timeout=timeout_s,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        sentence = f"The pattern takes longer than {timeout_s:g} s: write it more simply."
        raise _refusal("pattern-slow", sentence) from None
    if done.returncode == 4:
        sentence = f"The replacement cannot be used: {done.stderr}."
        raise _refusal("replacement-invalid", sentence, field="replacement")
    if done.returncode:
        raise _refusal("result-too-large", "The result is too large.")
    return done.stdout


def _flags(pattern: Pattern) -> re.RegexFlag:
    return re.MULTILINE | re.IGNORECASE if pattern.ignore_case else re.MULTILINE


def _compiled(pattern: Pattern) -> re.Pattern[str]:
    if not pattern.text or len(pattern.text) > LONGEST_PATTERN:
        sentence = f"Give a text of 1 to {LONGEST_PATTERN} characters to look for."
        raise _refusal("pattern-invalid", sentence)
    text = pattern.text if pattern.regex else re.escape(pattern.text)
    try:
        return re.compile(text, _flags(pattern))
    except (re.error, RecursionError, OverflowError) as e:
        sentence = f"This is no regular expression: {e}."
        raise _refusal("pattern-invalid", sentence) from None


def _refusal(code: str, sentence: str, field: str = "text") -> PatternRefused:
    return PatternRefused([Located("", "", problem((field,), code, sentence))])
