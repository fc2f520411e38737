"""`/agents/{id}/encrypt/`: a value sealed so that only named agents can read it."""

from typing import Annotated, Any

import msgspec
from django.http import HttpResponse
from msgspec import Meta
from rest_framework.request import Request

from agents.models import Agent
from agents.sealed import seal_value
from cockpit.access.failures import NotThere
from cockpit.access.gate import rows
from cockpit.access.policy import Verb
from cockpit.api.agents import AgentId
from cockpit.api.documented import told
from cockpit.api.problem import FieldProblem, Refusal, as_json, invalid
from cockpit.api.view import View

_LONGEST = 64 * 1024
EXAMPLES: dict[str, Any] = {"for two agents": {"value": "s3cr3t", "also": ["agent-2"]}}


class EncryptBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A value to be sealed for the agent of the address; `also` are others that may read it."""

    value: Annotated[str, Meta(min_length=1, max_length=_LONGEST)]
    also: Annotated[list[AgentId], Meta(max_length=100)] = []


class Encrypted(msgspec.Struct, frozen=True):
    """The sealed value, as it is put into a document or an argument: `enc://…`."""

    encrypted: str
    agents: list[str]


class AgentEncrypt(View):
    """Seals values."""

    verbs = {"POST": Verb.EDIT}

    @told(body=EncryptBody, answers={200: Encrypted}, problems=(409,), examples=EXAMPLES)
    def post(self, request: Request, agent_id: str) -> HttpResponse:
        """Seal a value to the keys of agents; nothing of it is kept, logged or audited.

        Each agent opens it with a key that never leaves it, and masks it in what its jobs write.
        """
        body = self.body(EncryptBody)
        names = list(dict.fromkeys([agent_id, *body.also]))
        keys = self._keys(names, agent_id)
        return as_json(Encrypted(seal_value(body.value, keys), names))

    def _keys(self, names: list[str], first: str) -> dict[str, bytes]:
        known = [name for name in names if "\0" not in name]
        found = rows(Agent, self.account).filter(pk__in=known).values_list("pk", "public_key")
        keys = dict(found)
        if first not in keys:
            raise NotThere(f"There is no agent {first}.", "agent-unknown")
        unknown = [
            FieldProblem(f"also[{n}]", f"There is no agent {name}.", "agent-unknown")
            for n, name in enumerate(names[1:])
            if name not in keys
        ]
        if unknown:
            raise invalid(unknown)
        strangers = [name for name in names if not keys[name]]
        if strangers:
            raise Refusal(
                409,
                "agent-not-joined",
                f"{', '.join(strangers)} has no key yet: an agent makes it when it joins.",
            )
        return {name: bytes(key) for name, key in keys.items() if key is not None}
