"""`/inventory/-/trash/`, `restore/`, `delete/`: into the trash, out of it, and its end."""

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from cockpit.access.gate import restrict
from cockpit.api.documented import told
from cockpit.api.inventory import many_bodies as bodies
from cockpit.api.inventory.many import ManyView, objects_or_folder, reason, refs_in
from cockpit.api.problem import as_json
from cockpit.api.query import Limit, Word, read_query
from inventory import trashing
from inventory.models import Item
from inventory.queries import trashed_items


class TrashQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which part of the trash. `cursor` is how many come before."""

    folder: Word = ""
    cursor: int | None = None
    limit: Limit = 100


class ManyTrash(ManyView):
    """`-/trash/`: into the trash, and what is in it."""

    @told(query=TrashQuery, answers={200: bodies.TrashPage})
    def get(self, request: Request) -> HttpResponse:
        """List what is in the trash, last trashed first."""
        query = read_query(request.GET, TrashQuery)
        found = restrict(trashed_items(), self.account)
        if query.folder:
            found = found.within([query.folder.strip("/")])  # type: ignore[attr-defined]
        skip = query.cursor or 0
        rows = list(found.defer("source", "problems")[skip : skip + query.limit + 1])
        older = str(skip + query.limit) if len(rows) > query.limit else None
        seen = [_trashed(item) for item in rows[: query.limit]]
        return as_json(bodies.TrashPage(seen, older))

    @told(body=bodies.ManyBody, answers={200: bodies.ChangesSeen}, problems=(409,))
    def post(self, request: Request) -> HttpResponse:
        """Put objects, or a folder with everything in it, into the trash."""
        body = self.body(bodies.ManyBody)
        objects, folder = objects_or_folder(body)
        if folder is not None:
            return self.carry_out(
                reason(body), lambda who: trashing.trash_folder(folder, account=who)
            )
        return self.carry_out(reason(body), lambda who: trashing.trash_all(objects, account=who))


class ManyRestore(ManyView):
    """`-/restore/`: out of the trash."""

    @told(body=bodies.ManyBody, answers={200: bodies.ChangesSeen}, problems=(409,))
    def post(self, request: Request) -> HttpResponse:
        """Take objects, or everything of a folder, out of the trash: the last of each path."""
        body = self.body(bodies.ManyBody)
        objects, folder = objects_or_folder(body)
        if folder is not None:
            return self.carry_out(
                reason(body), lambda who: trashing.restore_folder(folder, account=who)
            )
        return self.carry_out(
            reason(body),
            lambda who: [
                trashing.restore_as(kind, path, path, account=who) for kind, path in objects
            ],
        )


class ManyDelete(ManyView):
    """`-/delete/`: the end of what is in the trash."""

    @told(body=bodies.ObjectsBody, answers={200: bodies.ChangesSeen}, problems=(409,))
    def post(self, request: Request) -> HttpResponse:
        """Delete objects in the trash for good; their versions stay."""
        body = self.body(bodies.ObjectsBody)
        refs = refs_in(body.objects)
        return self.carry_out(reason(body), lambda _: trashing.delete_from_trash(refs))


def _trashed(item: Item) -> bodies.TrashedSeen:
    return bodies.TrashedSeen(
        type=item.kind, path=item.path, title=item.title, trashed_at=item.trashed_at,
        trashed_by=item.changed_by,
    )  # fmt: skip
