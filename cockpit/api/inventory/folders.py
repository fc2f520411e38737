"""`/inventory/-/folder/`, `remove/`, `move/`, `copy/`: folders with everything in them."""

from django.http import HttpResponse
from rest_framework.request import Request

from cockpit.access.gate import require_at
from cockpit.access.policy import Verb
from cockpit.api.documented import told
from cockpit.api.inventory import many_bodies as bodies
from cockpit.api.inventory.many import ManyView, reason
from cockpit.api.inventory.refusals import as_problems
from cockpit.api.problem import as_json
from inventory.copying import copies_of, copy_folder
from inventory.folders import make_folder, remove_folder
from inventory.renaming import Renaming, move_folder_everywhere, preview_move


class FolderMake(ManyView):
    """`-/folder/`: making a folder."""

    @told(body=bodies.FolderBody, answers={200: bodies.ChangesSeen}, problems=(409,))
    def post(self, request: Request) -> HttpResponse:
        """Make a folder and those around it."""
        body = self.body(bodies.FolderBody)
        return self.carry_out(reason(body), lambda _: (make_folder(body.folder),))


class FolderRemove(ManyView):
    """`-/remove/`: removing an empty folder."""

    @told(body=bodies.FolderBody, answers={200: bodies.ChangesSeen}, problems=(409,))
    def post(self, request: Request) -> HttpResponse:
        """Remove an empty folder."""
        body = self.body(bodies.FolderBody)
        return self.carry_out(reason(body), lambda _: (remove_folder(body.folder),))


class FolderMove(ManyView):
    """`-/move/`: another path for a folder."""

    @told(
        body=bodies.FolderMoveBody,
        answers={200: (bodies.ChangesSeen, bodies.RenamingSeen)},
        problems=(409,),
    )
    def post(self, request: Request) -> HttpResponse:
        """Move a folder with everything in it; the drafts that name it by path follow."""
        body = self.body(bodies.FolderMoveBody)
        for path in (body.folder, body.to):
            require_at(self.account, Verb.EDIT, path)
        if body.dry_run:
            with as_problems(with_path=True):
                return as_json(bodies.renaming_seen(preview_move(body.folder, body.to)))
        return self.carry_out(
            reason(body), lambda who: move_folder_everywhere(body.folder, body.to, account=who)
        )


class FolderCopy(ManyView):
    """`-/copy/`: a copy of a folder."""

    @told(
        body=bodies.FolderCopyBody,
        answers={200: (bodies.ChangesSeen, bodies.RenamingSeen)},
        problems=(409,),
    )
    def post(self, request: Request) -> HttpResponse:
        """Copy every object of a folder; what the copies name of each other are the copies."""
        body = self.body(bodies.FolderCopyBody)
        source, target = body.folder.strip("/"), body.to.strip("/")
        require_at(self.account, Verb.EDIT, target)
        affixes = {"prefix": body.prefix, "suffix": body.suffix}
        if body.dry_run:
            copies = tuple(copies_of(source, target, **affixes))
            return as_json(bodies.renaming_seen(Renaming(copies, ())))
        return self.carry_out(
            reason(body), lambda who: copy_folder(source, target, account=who, **affixes)
        )
