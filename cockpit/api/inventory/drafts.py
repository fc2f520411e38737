"""`/inventory/`: drafts of objects. Each change is one verb of the inventory and one audit row."""

from collections.abc import Callable

import msgspec
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from cockpit import audit
from cockpit.access.failures import NotThere
from cockpit.access.gate import require_at, restrict, rows
from cockpit.access.policy import Verb
from cockpit.api import keep
from cockpit.api.documented import told
from cockpit.api.inventory import bodies
from cockpit.api.inventory.audited import deed_of
from cockpit.api.inventory.examples import DRAFT_EXAMPLES
from cockpit.api.inventory.refusals import as_problems
from cockpit.api.problem import FieldProblem, as_json, invalid
from cockpit.api.query import Word, read_query
from cockpit.api.view import View
from cockpit.audit import Reason
from inventory import dangling, edit
from inventory.change import Change
from inventory.check import examine, kind_problems, problems_as_json
from inventory.known import known_in_inventory
from inventory.known_calendars import TIMED
from inventory.models import Item, Version
from inventory.queries import difference, item_at, present_items, versions_of
from inventory.source import LARGEST_BYTES

_ROOM = 1024 * 1024


class DraftView(View):
    """What the views on one draft have in common."""

    verbs = {"PUT": Verb.EDIT, "POST": Verb.EDIT, "DELETE": Verb.EDIT}
    # A text in JSON is longer than itself, by the escapes of its line ends and quotes.
    largest_body = 2 * LARGEST_BYTES + _ROOM

    def items(self) -> QuerySet[Item]:
        """Return the drafts that the account may see."""
        return restrict(present_items(), self.account)

    def item(self, kind: str, path: str) -> Item:
        """Return one draft.

        Raises:
            NotThere: there is none, or the account may not see it.
        """
        found = None if "\0" in kind + path else item_at(self.items(), kind, path)
        if found is None:
            raise NotThere(f"There is no {kind} {path}.")
        return dangling.told(found)

    def version(self, kind: str, path: str, version: str) -> Version:
        """Return a version by its beginning.

        Raises:
            NotThere: there is none, or the account may not see it.
        """
        found = None
        if "\0" not in kind + path + version and len(version) >= 6:
            versions = rows(Version, self.account).filter(kind=kind, path=path)
            found = versions.filter(version__startswith=version).first()
        if found is None:
            raise NotThere(f"There is no version {version} of {kind} {path}.")
        return found

    def change(
        self, path: str, reason: Reason, verb: Callable[[str], Change], *, status: int = 200
    ) -> HttpResponse:
        """Carry out a verb of the inventory with its audit row, and return the draft after it."""
        require_at(self.account, Verb.EDIT, path)

        def act() -> HttpResponse:
            with as_problems():
                done = verb(self.account.name)
            if done.changed:
                audit.record(self.actor, deed_of(done), reason)
            if done.after is None:
                return HttpResponse(status=204)
            seen = bodies.item_seen(self.item(done.kind, done.after["path"]))
            return as_json(seen, status if done.before is None else 200)

        if self.request.method == "POST":
            return keep.once(self.request._request, self.actor, act)  # noqa: SLF001
        with transaction.atomic():
            return act()


class DraftOne(DraftView):
    """One draft."""

    @told(answers={200: bodies.ItemSeen})
    def get(self, request: Request, kind: str, path: str) -> HttpResponse:
        """Return a draft with its text and everything that is wrong with it."""
        return as_json(bodies.item_seen(self.item(kind, path)))

    @told(
        body=bodies.DraftBody,
        answers={200: bodies.ItemSeen, 201: bodies.ItemSeen},
        problems=(409,),
        examples=DRAFT_EXAMPLES,
    )
    def put(self, request: Request, kind: str, path: str) -> HttpResponse:
        """Keep a text as the draft of an object; an invalid one is kept with its problems."""
        body = self.body(bodies.DraftBody)
        source = _source(body)
        if source is None:
            raise invalid([FieldProblem("source", "Give either source or document.")])
        return self.change(
            path,
            Reason(body.comment, body.ticket),
            lambda who: edit.put_draft(kind, path, source, account=who, edit_no=body.edit_no),
            status=201,
        )

    @told(body=bodies.ReasonBody, answers={204: None}, problems=(409,))
    def delete(self, request: Request, kind: str, path: str) -> HttpResponse:
        """Put an object into the trash."""
        body = self.body(bodies.ReasonBody)
        return self.change(
            path,
            Reason(body.comment, body.ticket),
            lambda who: edit.trash(kind, path, account=who, edit_no=body.edit_no),
        )


class DraftCheck(DraftView):
    """`-/validate/`: checking without keeping."""

    verbs = {"POST": Verb.LOOK}

    @told(body=bodies.CheckBody, answers={200: bodies.CheckSeen})
    def post(self, request: Request, kind: str, path: str) -> HttpResponse:
        """Tell everything that is wrong with a text, or with the kept draft.

        Names count as known where there is a draft or a deployed object of them.
        """
        unknown = kind_problems(kind)
        if unknown:
            raise invalid([FieldProblem("type", found.sentence, found.code) for found in unknown])
        body = self.body(bodies.CheckBody)
        source = _source(body)
        if source is None:
            source = self.item(kind, path).source
        examined = examine(kind, source, known_in_inventory(timed=kind in TIMED))
        found = (*examined.frozen.problems, *dangling.of_templates(kind, source))
        problems = problems_as_json(found)
        return as_json(
            bodies.CheckSeen(examined.valid, [bodies.ProblemSeen(**each) for each in problems])
        )


class DraftVersions(DraftView):
    """`-/versions/`: what was deployed of an object."""

    @told(answers={200: bodies.VersionList})
    def get(self, request: Request, kind: str, path: str) -> HttpResponse:
        """List the versions of an object, newest first."""
        if "\0" in kind + path:
            raise NotThere("There is no such object.")
        item = self.items().filter(kind=kind, path=path).first()
        current = getattr(item, "deployed_version", None)
        found = restrict(versions_of(kind, path), self.account)
        seen = [bodies.version_seen(version, current) for version in found[:200]]
        if item is None and not seen:
            raise NotThere(f"There is no {kind} {path}.")
        return as_json(bodies.VersionList(seen))


class DiffQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The two versions; a beginning of at least six characters is enough."""

    from_: Word = msgspec.field(name="from")
    to: Word


class DraftDiff(DraftView):
    """`-/diff/`: what differs between two versions."""

    @told(query=DiffQuery, answers={200: bodies.DiffSeen})
    def get(self, request: Request, kind: str, path: str) -> HttpResponse:
        """Return the difference between two versions as unified diff."""
        query = read_query(request.GET, DiffQuery)
        old, new = (self.version(kind, path, version) for version in (query.from_, query.to))
        return as_json(bodies.DiffSeen(old.version, new.version, difference(old, new)))


def _source(body: bodies.DraftBody | bodies.CheckBody) -> str | None:
    if body.source is not None and body.document is not None:
        raise invalid([FieldProblem("document", "Give either source or document, not both.")])
    if body.document is not None:
        return msgspec.json.format(msgspec.json.encode(body.document), indent=2).decode()
    return body.source
