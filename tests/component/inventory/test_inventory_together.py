"""Several people at once: no lost update, no object under a folder that has left."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from inventory import tree_lock
from inventory.edit import ABSENT, put_draft
from inventory.errors import EditedMeanwhile, InventoryRefusal, NameTaken
from inventory.folders import make_folder, move_folder
from inventory.models import Folder, Item
from tests.component.inventory.documents import workflow

pytestmark = pytest.mark.django_db(transaction=True)

LIMIT_S = 20


@contextmanager
def people() -> Iterator[Callable[[Callable[[], object]], Future[object]]]:
    """Give a function that does something in a thread with a connection of its own."""

    def alone(act: Callable[[], object]) -> object:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        yield lambda act: pool.submit(alone, act)


def put(path: str, text: str, edit_no: int | None) -> str:
    try:
        put_draft("workflow", path, workflow(f"echo {text}"), account=text, edit_no=edit_no)
    except InventoryRefusal as refusal:
        return type(refusal).__name__
    return "kept"


def test_of_many_edits_on_the_same_number_one_is_kept() -> None:
    put("report", "first", ABSENT)
    with people() as do:
        tried = [do(lambda n=n: put("report", f"edit-{n}", 1)) for n in range(8)]  # type: ignore[misc]
        told = sorted(str(each.result(LIMIT_S)) for each in tried)

    assert told == [EditedMeanwhile.__name__] * 7 + ["kept"]
    assert Item.objects.get().edit_no == 2


def test_of_many_first_drafts_with_one_name_one_is_kept() -> None:
    with people() as do:
        tried = [do(lambda n=n: put(f"f{n}/report", "x", ABSENT)) for n in range(8)]  # type: ignore[misc]
        told = sorted(str(each.result(LIMIT_S)) for each in tried)

    assert told == [NameTaken.__name__] * 7 + ["kept"]
    assert Item.objects.count() == 1


def moved_while_a_draft_is_written() -> None:
    """Move folder `a` to `b` while the transaction of a new draft in `a` is open."""
    make_folder("a")
    written, asked = threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            put_draft("workflow", "a/report", workflow(), account="ann")
            written.set()
            assert asked.wait(LIMIT_S)

    def move() -> None:
        assert written.wait(LIMIT_S)
        move_folder("a", "b")

    with people() as do:
        writing, moving = do(write), do(move)
        assert written.wait(LIMIT_S)
        until_somebody_waits_or(moving)
        asked.set()
        writing.result(LIMIT_S)
        moving.result(LIMIT_S)


def until_somebody_waits_or(moving: Future[object]) -> None:
    """Return once a session waits for a lock, or the move is over."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    for _ in range(20_000):
        with connection.cursor() as cursor:
            cursor.execute(waiting)
            row = cursor.fetchone()
        if (row and row[0]) or moving.done():
            return
    pytest.fail("nobody waited")


def test_a_draft_written_while_its_folder_moves_moves_along() -> None:
    moved_while_a_draft_is_written()
    assert Item.objects.get().path == "b/report"
    assert Item.objects.get().folder == Folder.objects.get(path="b")


def test_without_the_lock_on_the_tree_it_would_stay_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def hold_nothing(_hold: tree_lock.Hold) -> None: ...

    monkeypatch.setattr("inventory.edit.hold_tree", hold_nothing)
    monkeypatch.setattr("inventory.folders.hold_tree", hold_nothing)
    moved_while_a_draft_is_written()
    assert Item.objects.get().path == "a/report"
