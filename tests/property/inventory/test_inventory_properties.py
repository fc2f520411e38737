"""What holds for every path, key and document."""

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.seal import sealed, verify
from inventory.paths import is_within, moved, path_problems, with_ancestors
from inventory.source import storable_problems, values_of

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)

names = st.from_regex(r"\A[A-Za-z0-9_]{1,8}\Z")
paths = st.lists(names, min_size=1, max_size=5).map("/".join)
words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@given(paths, paths, paths)
def test_a_moved_path_is_within_the_target_and_can_move_back(
    below: str, source: str, target: str
) -> None:
    path = f"{source}/{below}"
    there = moved(path, source=source, target=target)
    assert is_within(there, target)
    assert moved(there, source=target, target=source) == path


@given(paths)
def test_a_folder_is_within_each_of_its_ancestors_and_no_ancestor_within_it(path: str) -> None:
    *above, itself = with_ancestors(path)
    assert itself == path
    assert all(is_within(path, folder) and not is_within(folder, path) for folder in above)


@given(st.text(max_size=300))
def test_any_text_is_a_path_or_has_a_printable_problem(text: str) -> None:
    for found in path_problems(text):
        assert found.sentence.isprintable()
        found.sentence.encode()


@given(words, words, words, st.binary(max_size=50), st.data())
def test_a_seal_fits_one_item_only(
    kind: str, path: str, version: str, document: bytes, data: st.DataObject
) -> None:
    item = sealed(KEY, kind, path, version, document)
    assert verify(KEY.public_key(), item)
    other = msgspec.structs.replace(
        item,
        kind=data.draw(words),
        path=data.draw(words),
        version=data.draw(words),
        document=data.draw(st.binary(max_size=50)),
    )
    assume(other != item)
    assert not verify(KEY.public_key(), other)


@given(st.text(max_size=200))
def test_any_text_is_read_or_has_a_problem(text: str) -> None:
    if not storable_problems(text):
        values = values_of(text)
        assert (values.data is None) == bool(values.problems)
