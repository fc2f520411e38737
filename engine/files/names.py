"""Names of files in messages, rows and order ids.

A name in a directory is bytes. As text it is UTF-8 where it can be; any other name begins with `/`,
which no name contains, and shows its bytes: so two names never become the same text.
"""

import base64
import hashlib
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

LONGEST_NAME = 120
"""Characters of a name in an order id; a longer one is cut."""

LONGEST_SOURCE = 60
_DIGEST = re.compile(r"~[0-9a-f]{12}\Z")
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069|]")


def text_of(name: bytes) -> str:
    """Return the text that stands for a name."""
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return "/" + name.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")


def shown(text: str) -> str:
    """Return a path as people are shown it: on one line, with unsafe characters escaped."""
    return _UNSAFE.sub(_escaped, text)


def shown_name(text: str) -> str:
    """Return the text of a name as people are shown it."""
    return shown(text.removeprefix("/"))


def raw_of(path: bytes) -> str:
    """Return the bytes of a path in base64, empty where they are UTF-8."""
    try:
        path.decode("utf-8")
    except UnicodeDecodeError:
        return base64.b64encode(path).decode("ascii")
    return ""


def path_of(path: bytes) -> str:
    """Return a path as text; bytes that are no UTF-8 are shown as escapes."""
    return path.decode("utf-8", "backslashreplace")


def safe(text: str, longest: int, *, seen: str = "") -> str:
    """Return a text that may stand in an order id; a changed one ends with a digest of the whole.

    `seen` is what people shall see in place of the text. Other texts never become the same.
    """
    found = _UNSAFE.sub("_", seen or text)
    if found == text and len(text) <= longest and not _DIGEST.search(text):
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{found[: longest - 13]}~{digest}"


def order_id(source: str, name: str, at_us: int, zone: str) -> str:
    """Return the id of the order of a file: date, moment, source and name.

    `#2026-01-31#F01234567890-source:name`; the digits are hundredths of milliseconds, as JS7's.
    """
    digits = at_us // 10 % 10**11
    named = safe(name, LONGEST_NAME, seen=name.removeprefix("/"))
    return f"#{day_of(at_us, zone)}#F{digits:011d}-{safe(source, LONGEST_SOURCE)}:{named}"


def day_of(at_us: int, zone: str) -> str:
    """Return the day of a moment in a zone, as 2026-01-31."""
    moment = datetime.fromtimestamp(at_us // 1_000_000, UTC)
    return moment.astimezone(ZoneInfo(zone)).date().isoformat()


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    if found[0] == "|":
        return "|"
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
