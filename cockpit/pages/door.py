"""What every page has in common: who is signed in, what they may, and how a refusal looks.

Knows no area. A view below `page` gets the actor beside its request.
"""

import json
import logging
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeAlias

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render as rendered

from cockpit.access.account import Actor, actor_of
from cockpit.access.failures import Forbidden, NotThere
from cockpit.access.gate import require
from cockpit.access.policy import Account, Verb, may
from cockpit.api.problem import Refusal

log = logging.getLogger(__name__)

View: TypeAlias = Callable[..., HttpResponseBase]

_TITLES = {
    400: "This address cannot be read",
    403: "You may not do this",
    404: "There is nothing here",
    409: "That was refused",
    413: "That is too large",
    422: "That cannot be taken as it is",
    503: "The cockpit cannot answer now",
}


def page(verb: Verb = Verb.LOOK) -> Callable[[View], View]:
    """Return a decorator that lets in who may do `verb` and tells refusals as pages."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, **given: Any) -> HttpResponseBase:
            try:
                actor = actor_of(request)
                if not actor.account.active:
                    return _to_sign_in(request)
                require(actor.account, verb)
                return view(request, actor, **given)
            except Exception as problem:
                return _refused(request, problem)

        return guarded

    return wrap


def by_htmx(request: HttpRequest) -> bool:
    """Tell whether htmx asks, for a dialog or another part of a page."""
    return request.headers.get("HX-Request") == "true"


def is_part(request: HttpRequest) -> bool:
    """Tell whether a piece of a page is asked for, by htmx or by an island."""
    return by_htmx(request) or "part" in request.GET


def render(
    request: HttpRequest, actor: Actor, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Return a page or part; templates find in `can` what the account may do anywhere."""
    found = {"can": abilities(actor.account), "is_part": is_part(request), **context}
    response = rendered(request, f"cockpit/{template}", found, status=status)
    response["Cache-Control"] = "no-store"
    response["Vary"] = "HX-Request, Cookie"
    return response


def abilities(account: Account) -> dict[str, bool]:
    """Return for each verb whether the account may do it to anything."""
    return {verb.value: may(account, verb) for verb in Verb}


def leave_to(request: HttpRequest, address: str) -> HttpResponse:
    """Return the way to another page, also out of a dialog that htmx fills."""
    if by_htmx(request):
        return HttpResponse(headers={"HX-Redirect": address})
    return HttpResponse(status=303, headers={"Location": address})


def close_dialog(text: str, level: str = "success") -> HttpResponse:
    """Return what closes the dialog and says the result on the page behind it."""
    told = json.dumps({"toast": {"text": text, "level": level}})
    return HttpResponse(headers={"HX-Trigger": told})


def own_address(address: str, otherwise: str) -> str:
    """Return an address of this cockpit as given, another one where it leads elsewhere."""
    good = address.startswith("/") and not address.startswith(("//", "/\\")) and "\n" not in address
    return address if good else otherwise


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if by_htmx(request):
        return HttpResponse(status=401, headers={"HX-Redirect": "/sign-in/"})
    if request.headers.get("Accept", "").startswith("application/json"):
        return HttpResponse(status=401)
    return redirect_to_login(request.get_full_path(), "/sign-in/")


def _refused(request: HttpRequest, problem: Exception) -> HttpResponse:
    match problem:
        case NotThere() | Http404():
            return refusal(request, 404, str(problem) or "There is no page at this address.")
        case Forbidden() | PermissionDenied():
            return refusal(request, 403, str(problem) or "Your account lacks the right to do this.")
        case Refusal():
            return refusal(request, problem.status, problem.detail)
        case BadRequest() | DataError():
            return refusal(request, 400, "A value in the address cannot be looked up.")
        case OperationalError() | InterfaceError():
            log.warning("pages.database_unavailable", extra={"problem": str(problem)})
            return refusal(
                request, 503, "The database does not answer. Nothing was changed; try again."
            )
        case _:
            raise problem


def refusal(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    """Return the page that says why something was refused; a part of one for htmx."""
    context = {
        "page_title": _TITLES.get(status, "That did not work"),
        "status": status,
        "sentence": sentence,
        "request_id": getattr(request, "request_id", ""),
    }
    # The frame asks the database who is signed in; without one there is a page without a frame.
    whole = "unavailable.html" if status == 503 else "refused.html"
    template = "parts/refused.html" if is_part(request) else whole
    return rendered(request, f"cockpit/{template}", context, status=status)
