"""The ways in which programs write a secret value: as it is, encoded, escaped, in parts.

Pure. Knows nothing of output; `agents.worker.masking` looks for what is returned here.
"""

import base64
import html
import json
import shlex
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import quote, quote_plus

SHORTEST_FORM = 4
"""Encoded forms and parts that are shorter stay as they are: they would hit everything."""

_WRAPPED_AT = (76, 64, 60)  # base64 and xxd cut their lines there
_LEFT_BY_URL = ("", "/", "!'()*", "/!'()*~", ":/?#[]@!$&'()*+,;=")


def forms_of(secret: str) -> frozenset[bytes]:
    """Return the texts that show a secret; the value itself however short it is."""
    raw = secret.encode("utf-8", "surrogatepass")
    if not raw:
        return frozenset()
    others = {form for form in _forms(secret, raw) if len(form) >= SHORTEST_FORM}
    return frozenset({raw, *others})


def _forms(secret: str, raw: bytes) -> Iterator[bytes]:
    yield from (line.strip() for line in raw.splitlines())
    yield from (form.encode("utf-8", "surrogatepass") for form in _escaped(secret))
    for data in (raw, raw.strip(), *_encoded(secret)):
        yield data
        yield from _hex(data)
        yield from _base64(data)


def _encoded(secret: str) -> Iterator[bytes]:
    """Yield a secret in the encodings of programs that do not write UTF-8."""
    for encoding in ("utf-16-le", "utf-16-be"):
        yield secret.encode(encoding, "surrogatepass")
    for encoding in ("latin-1", "cp1252", "iso8859-15"):
        with suppress(UnicodeEncodeError):
            yield secret.encode(encoding)


def _escaped(secret: str) -> Iterator[str]:
    for ascii_only in (True, False):
        inner = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        yield inner
        yield inner.replace("/", "\\/")
        yield json.dumps(inner, ensure_ascii=ascii_only)[1:-1]
    yield repr(secret)[1:-1]
    yield ascii(secret)[1:-1]
    yield shlex.quote(secret)
    yield secret.replace("'", "'\\''")
    yield html.escape(secret)
    if secret.isprintable() or "\n" in secret:
        yield from _in_urls(secret)


def _in_urls(secret: str) -> Iterator[str]:
    data = secret.encode("utf-8", "surrogatepass")
    for safe in _LEFT_BY_URL:
        for text in (quote(data, safe=safe), quote_plus(data, safe=safe)):
            yield text
            yield _lower_hex(text)


def _lower_hex(text: str) -> str:
    head, *rest = text.split("%")
    return head + "".join("%" + part[:2].lower() + part[2:] for part in rest)


def _hex(data: bytes) -> Iterator[bytes]:
    lower = data.hex().encode()
    for form in (lower, lower.upper(), data.hex(" ").encode(), data.hex(":").encode()):
        yield form
        yield from _lines_of(form)


def _base64(data: bytes) -> Iterator[bytes]:
    """Yield what of the data shows in base64, wherever in a longer text it stands."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + data)
        first, last = (before * 8 + 5) // 6, (before + len(data)) * 8 // 6
        yield from _both_alphabets(whole[first:last])
    whole = base64.b64encode(data)
    yield from _both_alphabets(whole)
    yield from _both_alphabets(whole.rstrip(b"="))
    for line in _lines_of(whole):
        yield from _both_alphabets(line)


def _both_alphabets(form: bytes) -> Iterator[bytes]:
    yield form
    yield form.translate(bytes.maketrans(b"+/", b"-_"))


def _lines_of(form: bytes) -> Iterator[bytes]:
    """Yield the lines into which programs cut a long form."""
    for width in _WRAPPED_AT:
        if len(form) > width:
            yield from (form[at : at + width] for at in range(0, len(form), width))
