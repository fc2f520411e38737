"""Archives that nobody vouches for: refused with every reason, in bounded room."""

import gzip
import io
import stat
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from inventory.archives import unpacking
from inventory.archives.format import ArchiveFormat
from inventory.archives.packing import packed
from inventory.archives.unpacking import Limits, Member, unpack
from inventory.errors import ArchiveRefused

ONE = Member("demo/one.workflow.json", b"{}")
TWO = Member("meta_inf", b"{}")
MIB = 1024 * 1024


def codes(archive: bytes, limits: Limits = unpacking.LIMITS) -> list[str]:
    try:
        found = unpack(io.BytesIO(archive), limits).problems
    except ArchiveRefused as refused:
        found = refused.problems
    return [each.problem.code for each in found]


def zipped(*files: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def tarred(*members: tarfile.TarInfo, content: bytes = b"") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for info in members:
            info.size = len(content) if info.isreg() else 0
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def tar_info(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


@pytest.mark.parametrize("form", ArchiveFormat)
def test_what_was_packed_is_unpacked(form: ArchiveFormat) -> None:
    found = unpack(io.BytesIO(packed([TWO, ONE], form)))
    assert found.members == (ONE, TWO)
    assert not found.problems


@pytest.mark.parametrize("form", ArchiveFormat)
def test_equal_files_give_equal_archives_whatever_their_order(form: ArchiveFormat) -> None:
    assert packed([ONE, TWO], form) == packed([TWO, ONE], form)


@pytest.mark.parametrize(
    "name",
    ["../a.workflow.json", "a/../../b.workflow.json", "/etc/a.workflow.json", "a//b.workflow.json",
     "C:/a.workflow.json", "a\\..\\b.workflow.json", "./../a.lock.json", "a/./b.lock.json",
     "a\nb.workflow.json"],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    for archive in (zipped((name, b"{}")), tarred(tar_info(name), content=b"{}")):
        found = unpack(io.BytesIO(archive))
        assert not found.members
        assert found.problems


def test_names_from_the_root_of_the_archive_may_begin_with_a_dot() -> None:
    archive = tarred(tar_info("./a/b.lock.json"), content=b"{}")
    assert [m.name for m in unpack(io.BytesIO(archive)).members] == ["a/b.lock.json"]


def test_links_and_devices_are_refused() -> None:
    link = zipfile.ZipInfo("a.workflow.json")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    assert codes(zipped((link, b"/etc/passwd"))) == ["file-unusable"]
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
        assert codes(tarred(tar_info("a.workflow.json", kind, "/etc/passwd"))) == ["file-unusable"]


def test_one_name_twice_is_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = zipped(("a.lock.json", b"{}"), ("a.lock.json", b'{"limit": 5}'))
    assert codes(twice) == ["file-twice"]
    assert codes(tarred(tar_info("a"), tar_info("./a"))) == ["file-twice"]


def test_encrypted_files_and_strange_packings_are_refused() -> None:
    plain = bytearray(zipped(("a.lock.json", b"{}")))
    at = plain.rindex(b"PK\x01\x02")
    plain[at + 8] |= 1
    assert codes(bytes(plain)) == ["file-unusable"]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.lock.json", b"{}" * 100)
    assert codes(out.getvalue()) == ["file-unusable"]


def test_names_in_no_encoding_are_refused() -> None:
    name = "gr\N{LATIN SMALL LETTER U WITH DIAERESIS}n.lock.json"
    assert codes(zipped((name, b"{}"))) == []
    plain = bytearray(zipped((name, b"{}")))
    for mark, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = plain.rindex(mark)
        plain[at + flags + 1] &= ~0x08 & 0xFF
    assert codes(bytes(plain)) == ["file-unusable"]
    latin = io.BytesIO()
    with tarfile.open(fileobj=latin, mode="w:gz", encoding="latin-1",
                      format=tarfile.GNU_FORMAT) as archive:  # fmt: skip
        archive.addfile(tar_info(name))
    assert codes(latin.getvalue()) == ["name-unusable"]


@pytest.mark.parametrize("form", ArchiveFormat)
def test_all_problems_are_told_and_good_files_are_read(form: ArchiveFormat) -> None:
    names = ["../a.lock.json", "/b.lock.json", "c.lock.json"]
    found = unpack(io.BytesIO(packed([Member(n, b"{}") for n in names], form)))
    assert [m.name for m in found.members] == ["c.lock.json"]
    assert len(found.problems) == 2


@pytest.mark.parametrize("form", ArchiveFormat)
@pytest.mark.parametrize("damage", ["cut", "flip"])
def test_damage_is_told(form: ArchiveFormat, damage: str) -> None:
    noise = bytes((n * n + n // 7) % 251 for n in range(50_000))
    whole = packed([Member("a.lock.json", noise)], form)
    middle = len(whole) // 2
    flipped = (
        whole[:middle] + bytes(b ^ 0xFF for b in whole[middle : middle + 64]) + whole[middle + 64 :]
    )
    found = codes(whole[:middle] if damage == "cut" else flipped)
    assert found
    assert set(found) <= {"archive-damaged", "file-damaged"}


def test_what_is_no_archive_is_refused() -> None:
    assert codes(b"") == ["archive-unknown"]
    assert codes(b"{}") == ["archive-unknown"]
    assert codes(gzip.compress(b"no tar" * 200)) == ["archive-damaged"]


def bomb(form: ArchiveFormat) -> bytes:
    return packed([Member(f"{n}.workflow.json", b" " * MIB) for n in range(12)], form)


SMALL = Limits(total=8 * MIB, free=64 * MIB)
TIGHT = Limits(free=MIB, ratio=20)
FEW = Limits(entries=11, free=64 * MIB)
SHORT = Limits(largest=MIB - 1, free=64 * MIB)
WIDE = Limits(entries=10**6, total=10**9, largest=10**9, ratio=10**6, free=10**9)


@pytest.mark.parametrize("form", ArchiveFormat)
@pytest.mark.parametrize(
    ("limits", "code"),
    [(SMALL, "archive-large"), (TIGHT, "archive-ratio"), (FEW, "archive-entries"),
     (SHORT, "too-large")],
)  # fmt: skip
def test_bombs_are_refused(form: ArchiveFormat, limits: Limits, code: str) -> None:
    assert set(codes(bomb(form), limits)) == {code}


@pytest.mark.parametrize("form", ArchiveFormat)
def test_without_limits_the_same_archive_is_taken(form: ArchiveFormat) -> None:
    """The control of the test above: it is the limits that refuse."""
    assert codes(bomb(form), WIDE) == []


def _claiming_less(archive: bytes) -> bytes:
    """Return a zip whose directory says that its file has one byte."""
    plain = bytearray(archive)
    at = plain.rindex(b"PK\x01\x02")
    plain[at + 24 : at + 28] = (1).to_bytes(4, "little")
    return bytes(plain)


def test_sizes_that_an_archive_claims_are_not_believed() -> None:
    liar = _claiming_less(packed([Member("a.lock.json", b" " * (4 * MIB))], ArchiveFormat.ZIP))
    assert set(codes(liar, TIGHT)) <= {"archive-ratio", "file-damaged"}
    assert codes(liar, TIGHT)


def test_a_directory_of_too_many_entries_is_refused_before_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = zipped(*((f"{n}.lock.json", b"") for n in range(300)))
    opened: list[object] = []
    real = zipfile.ZipFile

    def noted(file: io.BytesIO) -> zipfile.ZipFile:
        opened.append(file)
        return real(file)

    monkeypatch.setattr(zipfile, "ZipFile", noted)
    assert codes(many, Limits(entries=5)) == ["archive-entries"]
    assert not opened
    assert codes(many) == []
    assert opened


def test_a_tar_of_endless_headers_is_refused() -> None:
    pax = tarfile.TarInfo("a.lock.json")
    pax.pax_headers = {"comment": "x" * (9 * MIB)}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(pax)
    assert codes(out.getvalue()) == ["archive-ratio"]


@pytest.mark.parametrize("make", [zipped, lambda *files: tarred(*(tar_info(n) for n, _ in files))])
def test_an_empty_archive_holds_nothing(make: Callable[..., bytes]) -> None:
    assert unpack(io.BytesIO(make())).members == ()
