"""What jobs have written, as text for people. The bytes themselves are kept and told exactly."""

import codecs

_NAME = "stellwerk-windows-1252"


def readable(written: bytes) -> str:
    """Return what a job wrote as text: UTF-8, and any byte that is none as Windows-1252.

    So `caf\\xe9` of a program with an older code page reads as it was meant, also beside text in
    UTF-8. Five bytes have no meaning there either and become replacement characters. A guess: who
    needs to know takes the bytes.
    """
    return written.decode("utf-8", _NAME)


def _as_windows_1252(problem: UnicodeError) -> tuple[str, int]:
    assert isinstance(problem, UnicodeDecodeError)  # noqa: S101  # registered for decoding only
    odd = problem.object[problem.start : problem.end]
    return odd.decode("cp1252", "replace"), problem.end


codecs.register_error(_NAME, _as_windows_1252)
