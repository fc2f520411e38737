"""Versions that are deployed and objects that are withdrawn, taken over as part of a turn."""

from typing import TYPE_CHECKING

from controller.changes import Changes
from controller.items import WORKFLOW, object_of, refused_items, take_items
from engine.order.requests import Answered, TakeItems
from engine.workflow.program import Program
from engine.world import names_of

if TYPE_CHECKING:
    from controller.turn import Turn, Verify


class Deployment:
    """Takes over what is deployed, all of a request or nothing."""

    def __init__(self, turn: "Turn", changes: Changes, verify: "Verify") -> None:
        self._turn, self._changes, self._verify = turn, changes, verify

    def take(self, request: TakeItems) -> list[Answered]:
        """Take over versions that are signed and can be read; one that is not refuses all."""
        answers = self._verify(request)
        if not all(a.ok for a in answers):
            return refused_items(answers)
        programs, answers = take_items(request)
        if not all(a.ok for a in answers):
            return refused_items(answers)
        self._name(programs, request)
        self._changes.take(request.items, request.revoked)
        self._renew_objects(request)
        return answers

    def _name(self, programs: list[Program], request: TakeItems) -> None:
        """Let the paths of workflows mean what is in force from now on."""
        world = self._turn.world
        for program in programs:
            world.programs[program.path, program.version] = program
            world.name(program.path, program.version)
        for kind, path in request.revoked:
            if kind == WORKFLOW:
                world.name(path, "")

    def _renew_objects(self, request: TakeItems) -> None:
        """Forget what was known of objects; what waits for a lock is looked at anew."""
        turn, world = self._turn, self._turn.world
        watched = turn.files.before(request)
        # The store still has the old ones: what this turn has taken is placed by hand until the
        # commit, that of its earlier requests too.
        if not world.complete:
            world.objects.clear()
        self._place_objects()
        turn.out.renewed(request.items)
        turn.files.renewed(request, watched)
        turn.follow()

    def _place_objects(self) -> None:
        world = self._turn.world
        taken = {(item.kind, item.path, item.version): item for item in self._changes.items}
        for (kind, path), version in self._changes.in_force.items():
            found = object_of(taken[kind, path, version]) if version and kind != WORKFLOW else None
            for name in names_of(path):
                world.objects[kind, name] = (path, found) if found else None
            if kind == "lock":
                world.wakes["lock", path, ""] = None
