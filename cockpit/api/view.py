"""What every view of the API has in common: who asks, bodies, answers, refusals.

No view answers bad input with a 500; what is unexpected is logged with its request id.
"""

import logging
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DatabaseError, DataError, InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from cockpit.access.account import Actor, actor_of
from cockpit.access.authentication import TokenAuthentication
from cockpit.access.failures import Forbidden, NotThere
from cockpit.access.gate import require
from cockpit.access.policy import Account, Verb
from cockpit.api.problem import Refusal, respond
from cockpit.api.query import NoParameters, read_query
from cockpit.api.reading import LARGEST_BODY, read
from cockpit.api.unreadable import unstorable

log = logging.getLogger(__name__)

T = TypeVar("T")

UNAVAILABLE = (
    "The database does not answer; try again. With the same Idempotency-Key nothing is done twice."
)


class View(APIView):
    """A view behind the gate. `verbs` says what each method needs; GET needs to look."""

    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes: list[type[BasePermission]] = [IsAuthenticated]
    verbs: dict[str, Verb] = {}
    largest_body = LARGEST_BODY

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse what the account may do nowhere, before anything else is looked at."""
        super().initial(request, *args, **kwargs)
        if self.permission_classes:
            require(self.account, self.verbs.get(request.method or "", Verb.LOOK))
        self._refuse_parameters(request)

    def _refuse_parameters(self, request: Request) -> None:
        """Refuse parameters of a reading method that takes none: they would seem to be heeded."""
        told = getattr(getattr(self, "get", None), "told", None)
        if request.method == "GET" and told is not None and told.query is None:
            read_query(request.GET, NoParameters)

    @property
    def actor(self) -> Actor:
        """Who acts, for the audit log."""
        return actor_of(self.request)

    @property
    def account(self) -> Account:
        """Who asks, for the gate."""
        return self.actor.account

    def body(self, kind: type[T]) -> T:
        """Return the body of the request as a value.

        Raises:
            Refusal: with all problems of all fields.
        """
        return read(self.raw_body, kind, self.largest_body)

    @property
    def raw_body(self) -> bytes:
        """The body as it came."""
        return self.request._request.body  # noqa: SLF001  # REST framework has no other door to it

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        """Return the problem document for whatever went wrong."""
        request_id = getattr(self.request, "request_id", "")
        return respond(refusal_of(exc, self), request_id)


def refusal_of(exc: Exception, view: APIView | None = None) -> Refusal:
    """Return the refusal that tells about an exception; logs those that nobody expected."""
    match exc:
        case Refusal():
            return exc
        case NotThere():
            return Refusal(404, exc.code, str(exc))
        case Http404():
            return Refusal(404, "not-found", _detail(exc, "There is nothing at this address."))
        case Forbidden() | PermissionDenied():
            return Refusal(403, "forbidden", _detail(exc, "You may not do this."))
        case exceptions.APIException():
            return _of_framework(exc, view)
        case RequestDataTooBig():
            return Refusal(413, "body-too-large", "The body is larger than anything taken here.")
        case _:
            return _of_database(exc, view) or _unexpected(exc, view)


def _of_database(exc: Exception, view: APIView | None) -> Refusal | None:
    if isinstance(exc, OperationalError | InterfaceError):
        log.warning("api.database_unavailable", extra={"problem": str(exc)})
        return Refusal(503, "database-unavailable", UNAVAILABLE, headers={"Retry-After": "2"})
    if isinstance(exc, DataError):
        return unstorable(view.raw_body if isinstance(view, View) else b"")
    return None


def _unexpected(exc: Exception, view: APIView | None) -> Refusal:
    request = view.request if view else None
    facts = {"request_id": getattr(request, "request_id", ""), "path": getattr(request, "path", "")}
    log.error("api.failed", exc_info=exc, extra=facts)
    kind = "database-failed" if isinstance(exc, DatabaseError) else "failed"
    return Refusal(500, kind, "Something went wrong here; it is logged with the request id.")


def _of_framework(exc: exceptions.APIException, view: APIView | None) -> Refusal:
    headers: dict[str, str] = {}
    status, code = exc.status_code, str(exc.default_code).replace("_", "-")
    if isinstance(exc, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        status, headers = 401, {"WWW-Authenticate": TokenAuthentication.keyword}
    elif isinstance(exc, exceptions.MethodNotAllowed) and view is not None:
        headers = {"Allow": ", ".join(view.allowed_methods)}
    return Refusal(status, code, _detail(exc, "The request was refused."), headers=headers)


def _detail(exc: Exception, otherwise: str) -> str:
    return str(exc) or otherwise
