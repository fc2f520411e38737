"""What files say: objects with their texts, signatures, and what is neither. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from engine.workflow.problem import Severity, problem, warning
from inventory.archives.file_names import META, Sort, role_of, signed_file
from inventory.archives.unpacking import FILE, Member
from inventory.check import refusal_reasons
from inventory.errors import Located


class Enclosed(msgspec.Struct, frozen=True, kw_only=True):
    """The text of an object, and the file that it is in."""

    kind: str
    path: str
    file: str
    source: str


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """Everything in an archive.

    `signatures` are by the name of the signed file, each with the signature's own name; `contents`
    are the bytes that were signed. Warnings among the problems are files that are passed over.
    """

    objects: tuple[Enclosed, ...]
    signatures: Mapping[str, Sequence[tuple[str, bytes]]]
    contents: Mapping[str, bytes]
    meta: Mapping[str, Any]
    problems: tuple[Located, ...]


def contents_of(members: Iterable[Member], *, skip_unknown: bool = False) -> Contents:
    """Return what files say; those that are no objects are refused, or passed over on demand."""
    reading = _Reading(skip_unknown=skip_unknown)
    for member in members:
        reading.take(member)
    reading.check_signatures()
    return Contents(
        objects=tuple(reading.objects.values()),
        signatures=reading.signatures,
        contents=reading.contents,
        meta=reading.meta,
        problems=tuple(reading.problems),
    )


class _Reading:
    def __init__(self, *, skip_unknown: bool) -> None:
        self.objects: dict[tuple[str, str], Enclosed] = {}
        self.signatures: dict[str, list[tuple[str, bytes]]] = {}
        self.contents: dict[str, bytes] = {}
        self.meta: dict[str, Any] = {}
        self.problems: list[Located] = []
        self._skip_unknown = skip_unknown

    def take(self, member: Member) -> None:
        role = role_of(member.name)
        match role.sort:
            case Sort.OBJECT:
                self._take_object(role.kind, role.path, member)
            case Sort.SIGNATURE:
                found = self.signatures.setdefault(signed_file(member.name), [])
                found.append((member.name, member.content))
            case Sort.META:
                self.meta = _meta(member.content)
            case Sort.PASSED_OVER:
                self._tell(member.name, Severity.WARNING, "passed-over", role.sentence)
            case Sort.NOT_CARRIED:
                self._tell(member.name, self._severity, "not-carried-over", role.sentence)
            case Sort.UNKNOWN:
                self._tell(member.name, self._severity, "file-unknown", role.sentence)

    def check_signatures(self) -> None:
        """Refuse signatures of files that are not there."""
        for name, found in self.signatures.items():
            if name not in self.contents:
                sentence = "It signs a file that is not in the archive."
                for own, _ in found:
                    self._tell(own, self._severity, "signature-alone", sentence)

    @property
    def _severity(self) -> Severity:
        return Severity.WARNING if self._skip_unknown else Severity.ERROR

    def _take_object(self, kind: str, path: str, member: Member) -> None:
        try:
            source = member.content.decode()
        except UnicodeDecodeError as e:
            sentence = f"The file is no UTF-8: byte {e.start + 1} cannot be read."
            self._tell(member.name, Severity.ERROR, "file-unreadable", sentence)
            return
        first = self.objects.get((kind, path))
        if first is not None:
            sentence = f"Two files are this object: {first.file} and {member.name}."
            self._tell(member.name, Severity.ERROR, "file-twice", sentence)
            return
        reasons = refusal_reasons(kind, path, source)
        self.problems += [Located(FILE, member.name, each.problem) for each in reasons]
        if not reasons:
            self.objects[kind, path] = Enclosed(
                kind=kind, path=path, file=member.name, source=source
            )
            self.contents[member.name] = member.content

    def _tell(self, name: str, severity: Severity, code: str, sentence: str) -> None:
        told = warning if severity is Severity.WARNING else problem
        self.problems.append(Located(FILE, name, told((), code, sentence)))


def _meta(content: bytes) -> dict[str, Any]:
    """Return what the archive says of itself; it is only shown, so a broken one is no matter."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def meta_document(product: str) -> Member:
    """Return the file that says who wrote an archive, with the fields of JS7's."""
    fields = {"jocVersion": product, "inventorySchemaVersion": "", "apiVersion": ""}
    return Member(META, json.dumps(fields, indent=2).encode() + b"\n")
