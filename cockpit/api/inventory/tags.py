"""`/inventory/-/tags/` and `tag/`: words by which people find objects."""

from django.http import HttpResponse
from rest_framework.request import Request

from cockpit.access.policy import Verb
from cockpit.api.documented import told
from cockpit.api.inventory import many_bodies as bodies
from cockpit.api.inventory.bodies import ReasonBody
from cockpit.api.inventory.many import ManyView, reason, refs_in
from cockpit.api.problem import as_json
from inventory.tagging import all_tags, change_tag, delete_tag, tag_objects


class ManyTag(ManyView):
    """`-/tag/`: tags on objects."""

    @told(body=bodies.TagBody, answers={200: bodies.ChangesSeen}, problems=(409,))
    def post(self, request: Request) -> HttpResponse:
        """Put tags on objects and take others off; new tags are made."""
        body = self.body(bodies.TagBody)
        refs = refs_in(body.objects)
        return self.carry_out(
            reason(body), lambda _: tag_objects(refs, add=body.add, remove=body.remove)
        )


class TagCollection(ManyView):
    """`-/tags/`: all tags."""

    @told(answers={200: bodies.TagList})
    def get(self, request: Request) -> HttpResponse:
        """List the tags by group and name, with how many objects have each."""
        found = all_tags(self.items())
        return as_json(
            bodies.TagList(
                [bodies.TagSeen(name=name, group=group, objects=n) for group, name, n in found]
            )
        )


class TagOne(ManyView):
    """`-/tags/NAME/`: another name or group for a tag, or its end."""

    verbs = {"PATCH": Verb.EDIT, "DELETE": Verb.EDIT}

    @told(body=bodies.TagChangeBody, answers={200: bodies.ChangesSeen}, problems=(409,))
    def patch(self, request: Request, name: str) -> HttpResponse:
        """Rename a tag or put it into another group; all objects keep it."""
        body = self.body(bodies.TagChangeBody)
        return self.carry_out(
            reason(body), lambda _: (change_tag(name, to=body.to, group=body.group),)
        )

    @told(body=ReasonBody, answers={200: bodies.ChangesSeen}, problems=(409,))
    def delete(self, request: Request, name: str) -> HttpResponse:
        """Delete a tag, and take it off all objects."""
        body = self.body(ReasonBody)
        return self.carry_out(reason(body), lambda _: (delete_tag(name),))
