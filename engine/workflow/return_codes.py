"""Which return codes of a job mean success, by the three lists of a `ReturnCodeMeaning`."""

import re

import msgspec

from engine.errors import EngineError
from engine.workflow.model import Job, ReturnCodeMeaning

CODES = range(-(2**31), 2**32)
"""What operating systems return: up to 255 on Unix, 32 bits with or without sign on Windows."""

_RANGE = re.compile(r"\s*(-?\d{1,10})\s*(?:\.\.\s*(-?\d{1,10})\s*)?")


class ReturnCodesUnreadable(EngineError):
    """A text or list that names no return codes."""


class RangeSet(msgspec.Struct, frozen=True):
    """A set of whole numbers as ranges, both ends included."""

    ranges: tuple[tuple[int, int], ...] = ()

    def __contains__(self, number: int) -> bool:
        return any(first <= number <= last for first, last in self.ranges)

    def common(self, other: "RangeSet") -> int | None:
        """Return the smallest number that is in both, None if there is none."""
        both = [
            max(a, c) for a, b in self.ranges for c, d in other.ranges if max(a, c) <= min(b, d)
        ]
        return min(both, default=None)


class Meaning(msgspec.Struct, frozen=True):
    """What return codes mean. A warning is a success that is pointed out."""

    success: RangeSet | None = None
    failure: RangeSet = RangeSet()
    warning: RangeSet = RangeSet()

    def is_success(self, code: int) -> bool:
        """Tell whether a job that returns `code` has succeeded."""
        if code in self.warning:
            return True
        return code not in self.failure if self.success is None else code in self.success

    def is_warning(self, code: int) -> bool:
        """Tell whether `code` is a success to be pointed out."""
        return code in self.warning


_ZERO_ONLY = RangeSet(((0, 0),))


def meaning(given: ReturnCodeMeaning | None) -> Meaning:
    """Return what return codes mean; without success and failure only 0 is a success.

    Raises:
        ReturnCodesUnreadable: a list is malformed, or success and failure are both given.
    """
    given = given or ReturnCodeMeaning()
    if given.success is not None and given.failure is not None:
        raise ReturnCodesUnreadable("Give the codes of success or those of failure, not both.")
    warning = RangeSet() if given.warning is None else range_set(given.warning)
    if given.failure is not None:
        return Meaning(success=None, failure=range_set(given.failure), warning=warning)
    success = _ZERO_ONLY if given.success is None else range_set(given.success)
    return Meaning(success=success, warning=warning)


def meaning_for(job: Job) -> Meaning:
    """Return what return codes of this job mean: as its executable says, else as the job says.

    Raises:
        ReturnCodesUnreadable: see `meaning`.
    """
    return meaning(job.executable.return_code_meaning or job.return_code_meaning)


def range_set(given: tuple[int, ...] | str) -> RangeSet:
    """Return the set written as a list of codes, as `0..3,7`, or as `none`.

    Raises:
        ReturnCodesUnreadable: it is not written so, or a code is no return code.
    """
    if isinstance(given, tuple):
        return RangeSet(tuple(_checked(code, code) for code in given))
    if given.strip() == "none":
        return RangeSet()
    return RangeSet(tuple(_range(part) for part in given.split(",")))


def _range(text: str) -> tuple[int, int]:
    found = _RANGE.fullmatch(text)
    if found is None:
        raise ReturnCodesUnreadable(
            f'Return codes are written as in "0..3,7" or as "none"; "{text[:40]}" is not.'
        )
    first = int(found[1])
    return _checked(first, int(found[2]) if found[2] else first)


def _checked(first: int, last: int) -> tuple[int, int]:
    if first > last:
        raise ReturnCodesUnreadable(
            f"The range {first}..{last} is empty: the smaller code comes first."
        )
    if first not in CODES or last not in CODES:
        raise ReturnCodesUnreadable(
            f"{first if first not in CODES else last} is no return code: at most 32 bits."
        )
    return first, last
