"""`/inventory/-/replace/` and `validate/`: the texts of many drafts at once."""

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from cockpit.access.policy import Verb
from cockpit.api.documented import told
from cockpit.api.inventory import many_bodies as bodies
from cockpit.api.inventory.many import ManyView, reason
from cockpit.api.inventory.refusals import as_problems
from cockpit.api.problem import as_json
from inventory.models import Item
from inventory.replacing import replace_in, replacements
from inventory.substituting import Pattern
from inventory.validating import validate


class ManyReplace(ManyView):
    """`-/replace/`: find and replace."""

    @told(
        body=bodies.ReplaceBody,
        answers={200: (bodies.ReplacementsSeen, bodies.ChangesSeen)},
        problems=(409,),
    )
    def post(self, request: Request) -> HttpResponse:
        """Tell what would be replaced in drafts, or replace it with `dry_run` false."""
        body = self.body(bodies.ReplaceBody)
        pattern = Pattern(
            text=body.text,
            replacement=body.replacement,
            regex=body.regex,
            ignore_case=body.ignore_case,
        )
        items = self._chosen(body)
        with as_problems(with_path=True):
            found = replacements(items, pattern)
        if body.dry_run:
            return as_json(
                bodies.ReplacementsSeen([bodies.replacement_seen(each) for each in found])
            )
        seen = {(ref.type, ref.path): ref.edit_no for ref in body.objects}
        numbered = []
        for each in found:
            no = seen.get((each.kind, each.path))
            numbered.append(((each.kind, each.path), each.edit_no if no is None else no))
        return self.carry_out(reason(body), lambda who: replace_in(numbered, pattern, account=who))

    def _chosen(self, body: bodies.ReplaceBody) -> QuerySet[Item]:
        items = self.items()
        if body.objects:
            refs = {(ref.type, ref.path) for ref in body.objects}
            rows = items.filter(path__in=[path for _, path in refs]).values_list(
                "pk", "kind", "path"
            )
            return items.filter(pk__in=[pk for pk, kind, path in rows if (kind, path) in refs])
        if body.type:
            items = items.filter(kind__in=body.type)
        return items.within([body.folder.strip("/")]) if body.folder else items  # type: ignore[attr-defined]


class ManyValidate(ManyView):
    """`-/validate/`: everything that is wrong."""

    verbs = {"POST": Verb.LOOK}

    @told(body=bodies.ValidateBody, answers={200: bodies.ValidationSeen})
    def post(self, request: Request) -> HttpResponse:
        """Tell all problems of all drafts at and below a folder, also names that nobody has."""
        body = self.body(bodies.ValidateBody)
        items = self.items()
        if body.folder:
            items = items.within([body.folder.strip("/")])  # type: ignore[attr-defined]
        done = validate(items)
        return as_json(
            bodies.ValidationSeen(
                done.objects, done.valid, [bodies.located_seen(found) for found in done.problems]
            )
        )
