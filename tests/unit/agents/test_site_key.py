"""The site's key: made once, private, or given."""

import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agents.site_key import SiteKeyUnusable, key_from
from engine.seal import private_key_text


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "home" / "site.key"

    first, second = key_from("", file), key_from("", file)

    assert private_key_text(first) == private_key_text(second)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["site.key"]


def test_of_many_makers_all_get_the_same_key(tmp_path: Path) -> None:
    file = tmp_path / "site.key"
    made: list[str] = []
    barrier = threading.Barrier(8)

    def make() -> None:
        barrier.wait()
        made.append(private_key_text(key_from("", file)))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len(set(made)) == 1


def test_a_given_key_wins_and_no_file_is_made(tmp_path: Path) -> None:
    given = private_key_text(Ed25519PrivateKey.from_private_bytes(b"g" * 32))

    assert private_key_text(key_from(given, tmp_path / "site.key")) == given
    assert not list(tmp_path.iterdir())


def test_a_file_open_to_others_is_not_trusted(tmp_path: Path) -> None:
    file = tmp_path / "site.key"
    key_from("", file)
    file.chmod(0o644)

    with pytest.raises(SiteKeyUnusable, match="open to others"):
        key_from("", file)


def test_a_damaged_file_is_never_replaced(tmp_path: Path) -> None:
    file = tmp_path / "site.key"
    file.touch(mode=0o600)

    with pytest.raises(SiteKeyUnusable, match=str(file)):
        key_from("", file)
    assert file.read_text() == ""
