"""What a look at a directory tells, by what is known of it."""

import pytest

from agents.worker.watching.sight import Look, Sight

OLD = Look(7, 10, 100, 1000)


@pytest.mark.parametrize(
    ("new", "same"),
    [
        (OLD, True),
        (Look(7, 99, 999, 1000), True),  # written to
        (Look(8, 10, 100, 1000), True),  # the file system gave it another number
        (Look(7, 10, 100, 2000), False),  # the number came again
        (Look(8, 99, 999, 2000), False),
        (Look(7, 99, 999, 0), True),  # nobody tells its birth here
        (Look(8, 10, 100, 0), True),
        (Look(8, 99, 100, 0), False),
    ],
)
def test_a_file_is_told_from_another_of_its_name(new: Look, same: bool) -> None:
    assert new.has(OLD.face) is same


def test_a_face_that_fits_no_file_is_of_no_file() -> None:
    assert not OLD.has("-")


def test_a_look_that_breaks_off_loses_nothing_that_was_noticed() -> None:
    sight = Sight({"a": "1.1.1.1"}, 0)
    sight.begin()
    sight.see("a", OLD, 0)
    sight.begin()
    sight.see("a", OLD, 0)
    assert list(sight.end()) == ["a"]


def test_it_tells_when_the_next_file_may_be_complete() -> None:
    sight = Sight({}, 5)
    assert sight.due_in_s(0) is None
    sight.begin()
    sight.see("a", OLD, 10)
    assert sight.due_in_s(12) == 3
    assert sight.due_in_s(99) == 0
