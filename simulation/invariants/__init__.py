"""What has to hold in every simulated night, each as a small class with a name.

The numbers are those of the reliability model: I1 single writer, I2 obeyed writer, I3 baton, I4 run
once, I5 no loss, I6 history, I7 release, I8 notices, I9 timers, I11 acknowledgements, I12 progress,
I13 authenticity. I10 has no subject yet: there are no subscriptions.
"""

from simulation.invariants.ending import NoLoss, Progress
from simulation.invariants.files import Files
from simulation.invariants.journal import History, Replayed, SingleWriter, Undisturbed
from simulation.invariants.owning import Baton, RunOnce
from simulation.invariants.telling import Acknowledged, Authentic, Obeyed, Released
from simulation.invariants.waiting import Cohorts, Locks, Notices, Timers
from simulation.witness import Invariant

KINDS: tuple[type[Invariant], ...] = (
    SingleWriter,
    Obeyed,
    Baton,
    RunOnce,
    NoLoss,
    History,
    Released,
    Notices,
    Cohorts,
    Timers,
    Acknowledged,
    Progress,
    Authentic,
    Replayed,
    Undisturbed,
    Locks,
    Files,
)


def everything() -> list[Invariant]:
    """Return all invariants, fresh for one night."""
    return [kind() for kind in KINDS]
