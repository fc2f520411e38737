"""Nights in which files come and go besides: each complete file gets one order, whatever happens.

Many more run with `python -m tests.seeds --files`.
"""

import pytest

from agents.worker.watching.sight import Look
from simulation.invariants import everything
from simulation.invariants.ending import Progress
from simulation.invariants.files import Files
from simulation.night import Night, plan
from simulation.search import gathered, search
from tests.simulation.mutants import FILES

pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("quiet")]

NIGHTS = range(3_000, 3_060)
AT_MOST = 600
REACHED = (
    "FileArose", "FileVanished", "FileOrderRefused", "FileSourceTold", "FilesAsked",
    "OrderRemoved", "accident journal_is_lost", "accident database_is_set_back",
    "accident agent_dies_in_a_commit", "accident controller_hands_over",
)  # fmt: skip


def test_nights_with_files_hold_and_reach_everything() -> None:
    found = gathered(search(plan(seed, files=True) for seed in NIGHTS))
    assert [(v.seed, v.violations[0]) for v in found.failed] == []
    assert found.covered(REACHED) == []


@pytest.mark.parametrize("seed", range(5))
def test_what_a_controller_remembers_makes_no_difference_to_files(seed: int) -> None:
    journals = []
    for memory in ("turn", "term", "whole"):
        night = Night(plan(seed, memory=memory, files=True), everything())
        assert night.run().violations == ()
        journals.append(night.store.journal)
    assert journals[0] == journals[1] == journals[2]


def test_a_night_without_files_is_the_night_that_it_was() -> None:
    night = Night(plan(7), everything())
    night.run()
    kinds = {type(entry.event).__name__ for entry in night.store.journal}
    assert not [kind for kind in kinds if kind.startswith("File")]
    assert night.files is None


@pytest.mark.parametrize("protection", FILES)
def test_a_protection_of_files_that_is_gone_is_found(protection: str) -> None:
    nights = (plan(seed, files=True) for seed in range(AT_MOST))
    assert any(v.violations for v in search(nights, FILES[protection], (Files, Progress)))


def test_a_file_that_replaces_another_would_be_missed_by_its_name_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Look, "has", lambda _look, _face: True)
    nights = (plan(seed, files=True) for seed in range(AT_MOST))
    assert any(v.violations for v in search(nights, kinds=(Files, Progress)))
