"""What holds for every inventory and every archive: nothing changes on the way out and in."""

import io
import json
import zipfile
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.archives.contents import contents_of
from inventory.archives.exporting import Layout, Selection, export
from inventory.archives.format import ArchiveFormat
from inventory.archives.importing import Options, Stand, carry_out_import, preview_import
from inventory.archives.opening import opened
from inventory.archives.packing import packed
from inventory.archives.placing import Placement, placed
from inventory.archives.unpacking import Limits, Member, unpack
from inventory.edit import put_draft
from inventory.errors import ArchiveRefused
from inventory.models import Item
from inventory.references.named import names_in
from inventory.repositories.three_way import Standing, compared

names = st.from_regex(r"\A[A-Za-z0-9_]{1,8}\Z")
folders = st.lists(names, max_size=3).map("/".join)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40)
forms = st.sampled_from(list(ArchiveFormat))


@st.composite
def inventories(draw: st.DrawFn) -> dict[tuple[str, str], str]:
    """Return texts of locks, scripts and workflows that name each other, by kind and path."""
    found: dict[tuple[str, str], str] = {}
    for name in draw(st.lists(names, min_size=1, max_size=5, unique=True)):
        folder = draw(folders)
        path = f"{folder}/{name}" if folder else name
        title = json.dumps(draw(texts), ensure_ascii=draw(st.booleans()))
        kind = draw(st.sampled_from(["lock", "includescript", "workflow"]))
        fields = {"lock": '"limit": 2', "includescript": '"script": "echo"',
                  "workflow": f'"instructions": {json.dumps(_locked(list(found)))}'}  # fmt: skip
        found[kind, path] = f'{{"title": {title}, {fields[kind]}}}' + draw(
            st.sampled_from(["", "\n", "  \n\n"])
        )
    return found


def _locked(refs: list[tuple[str, str]]) -> list[Any]:
    locks = [path.rpartition("/")[2] for kind, path in refs if kind == "lock"]
    lock = {"TYPE": "Lock", "lockedWorkflow": {"instructions": []}}
    return [{**lock, "demands": [{"lockName": name}]} for name in locks]


@pytest.mark.django_db(transaction=False)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(inventories(), forms)
def test_what_is_exported_is_imported_elsewhere_equal(
    inventory: dict[tuple[str, str], str], form: ArchiveFormat
) -> None:
    Item.objects.all().delete()
    for (kind, path), source in inventory.items():
        put_draft(kind, path, source, account="ann")
    first, again = io.BytesIO(), io.BytesIO()
    items = Item.objects.filter(trashed_at__isnull=True)
    export(Selection(folder=""), Layout(form=form), items, first)
    Item.objects.all().delete()

    found = opened(first)
    assert preview_import(found.contents, Options(), more=found.problems).possible
    carry_out_import(found.contents, Options(), account="bob", more=found.problems)

    assert {(i.kind, i.path): i.source for i in Item.objects.all()} == inventory
    export(Selection(folder=""), Layout(form=form), items, again)
    assert first.getvalue() == again.getvalue()
    preview = preview_import(found.contents, Options(overwrite=True))
    assert {row.stand for row in preview.objects} == {Stand.EQUAL}


@given(inventories(), folders, names, names)
def test_other_names_keep_every_reference_among_the_objects(
    inventory: dict[tuple[str, str], str], folder: str, prefix: str, suffix: str
) -> None:
    members = [Member(f"{p}.{kind}.json", text.encode()) for (kind, p), text in inventory.items()]
    contents = contents_of(members)
    placement = Placement(folder=folder, prefix=prefix, suffix=suffix)
    moved = placed(contents.objects, placement)
    for before, after in zip(contents.objects, moved, strict=True):
        assert after.path == placement.path(before.path)
        old = [each.name for each in names_in(before.kind, before.source)]
        new = [each.name for each in names_in(after.kind, after.source)]
        assert new == [f"{prefix}{name}{suffix}" for name in old]


@given(
    st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b\x08"])
)
def test_any_bytes_are_read_or_refused(noise: bytes, head: bytes) -> None:
    with suppress(ArchiveRefused):
        assert unpack(io.BytesIO(head + noise)).members == ()


@given(forms, st.data())
def test_an_archive_with_any_byte_changed_is_read_or_refused(
    form: ArchiveFormat, data: st.DataObject
) -> None:
    whole = bytearray(packed([Member("a/b.lock.json", b'{"limit": 1}' * 20)], form))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    try:
        found = unpack(io.BytesIO(bytes(whole)), Limits(total=10_000, largest=5_000))
    except ArchiveRefused:
        return
    assert sum(len(member.content) for member in found.members) <= 10_000


@given(st.text(max_size=60))
def test_no_name_in_an_archive_leads_out_of_it(name: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        try:
            archive.writestr(name, b"{}")
        except (ValueError, UnicodeEncodeError, IndexError):
            return
    for member in unpack(out).members:
        assert not member.name.startswith("/")
        assert ".." not in member.name.split("/")
        assert member.name.isprintable() or not member.name.isascii()


sides = st.dictionaries(st.tuples(st.just("lock"), names), st.sampled_from(["1", "2"]), max_size=4)


@given(sides, sides, sides)
def test_taking_and_pushing_what_was_compared_brings_both_sides_together(
    base: dict[tuple[str, str], str],
    theirs: dict[tuple[str, str], str],
    ours: dict[tuple[str, str], str],
) -> None:
    rows = compared(base, theirs, ours)
    taken = {(r.kind, r.path): r.theirs for r in rows if r.standing is not Standing.OURS}
    pushed = {(r.kind, r.path): r.ours for r in rows if r.standing is Standing.OURS}
    here = {ref: text for ref, text in {**ours, **taken}.items() if text is not None}
    there = {ref: text for ref, text in {**theirs, **pushed}.items() if text is not None}
    assert here == there
    assert not compared(theirs, here, here)
    for row in rows:
        before = base.get((row.kind, row.path))
        assert (row.standing is Standing.BOTH) == (before not in (row.ours, row.theirs))
