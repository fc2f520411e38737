"""Output of programs with an older code page is read as it was meant."""

import pytest

from agents.readable import readable


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("größe €".encode(), "größe €"),
        ("größe €".encode("cp1252"), "größe €"),
        (b"caf\xe9", "café"),
        ("süß ".encode() + "süß".encode("cp1252"), "süß süß"),
        (b"\x81 \xff\0", "\ufffd ÿ\0"),
        (b"", ""),
    ],
)
def test_bytes_that_are_no_utf8_are_read_as_windows_1252(written: bytes, text: str) -> None:
    assert readable(written) == text
