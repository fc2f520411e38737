"""The dialog that plans days by hand: what that would add and take away, then doing it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from cockpit import audit
from cockpit.access.account import Actor
from cockpit.access.policy import Account, Verb, may_at
from cockpit.api.problem import FieldProblem
from cockpit.audit import Deed
from cockpit.pages.asking import reason_of, told
from cockpit.pages.door import by_htmx, own_address, page, render
from cockpit.pages.plan_chosen import days_in
from cockpit.pages.plan_places import day_at
from dailyplan.plan_settings import kept
from dailyplan.released import read_released
from dailyplan.verbs import Asked
from dailyplan.verbs.generating import Generate, Generated, chosen, generate

MOST_DAYS = 62
_SWITCHES = ("overwrite", "submit", "include_late", "not_automatic")


class _Read(NamedTuple):
    """The form as what is to be generated, None where it cannot be read."""

    wanted: Generate | None
    problems: list[FieldProblem]


@page(Verb.OPERATE)
def generate_plan(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show what planning days by hand would do, or do it."""
    given = request.POST if request.method == "POST" else request.GET
    config, now = kept().config, datetime.now(UTC)
    texts = {name: given.get(name, "").strip() for name in _TEXTS} | {
        name: given.get(name, "") for name in _SWITCHES
    }
    # Days that are marked in a month come one by one; the form goes on with their range.
    if days := days_in(given):
        texts |= {"date": days[0].isoformat(), "until": days[-1].isoformat()}
    texts["date"] = texts["date"] or config.day_of(now).isoformat()
    read = _read(texts)
    asks = request.method == "POST" and not given.get("again")
    asked = Asked(account=actor.account.name, now=now, config=config, dry_run=not asks,
                  comment=reason_of(request).comment)  # fmt: skip
    if read.wanted is not None and asks:
        with transaction.atomic():
            done = _done(actor.account, read.wanted, asked)
            _note(request, actor, read.wanted, done)
        back = own_address(given.get("next", ""), day_at(read.wanted.days[0]))
        return told(request, _result(done), back_to=back, level=_level(done))
    seen = _done(actor.account, read.wanted, asked) if read.wanted else None
    return _form(request, actor, texts, read, seen, 422 if asks else 200)


_TEXTS = ("date", "until", "folder", "schedules", "workflows")


def _read(texts: Mapping[str, str]) -> _Read:
    problems: list[FieldProblem] = []
    first = _day("date", texts["date"], problems)
    last = _day("until", texts["until"], problems) if texts["until"] else first
    if first and last and not problems:
        if last < first:
            problems.append(FieldProblem("until", "It must not be before the first day."))
        elif (last - first).days >= MOST_DAYS:
            problems.append(FieldProblem("until", f"At most {MOST_DAYS} days at once."))
    if problems or first is None or last is None:
        return _Read(None, problems)
    schedules, workflows = (tuple(texts[name].split()) for name in ("schedules", "workflows"))
    return _Read(
        Generate(
            days=tuple(first + timedelta(days=n) for n in range((last - first).days + 1)),
            schedules=schedules,
            workflows=workflows,
            folder=texts["folder"],
            overwrite=texts["overwrite"] == "1",
            submit=texts["submit"] == "1",
            also_not_automatic=texts["not_automatic"] == "1" or bool(schedules),
            include_late=texts["include_late"] == "1",
        ),
        [],
    )


def _day(field: str, text: str, problems: list[FieldProblem]) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems.append(FieldProblem(field, "Write a day as 2026-01-31."))
        return None


def _done(account: Account, wanted: Generate, asked: Asked) -> Generated:
    released = read_released()
    schedules = chosen(wanted, released, lambda path: may_at(account, Verb.OPERATE, path))
    return generate(wanted, schedules, released, asked, transaction.atomic)


def _note(request: HttpRequest, actor: Actor, wanted: Generate, done: Generated) -> None:
    days = [day.isoformat() for day in wanted.days]
    deed = Deed(verb="plan-generate", kind="plan", objects=days, after=done)
    audit.record(actor, deed, reason_of(request))


def _result(done: Generated) -> str:
    parts = [f"{done.added} added", f"{done.deleted} replaced", f"{done.submitted} submitted"]
    said = f"{done.schedules} schedules planned: {', '.join(parts)}."
    if not done.problems:
        return said
    return f"{said} {len(done.problems)} cannot be planned: {done.problems[0]}"


def _level(done: Generated) -> str:
    return "warning" if done.problems else "success"


def _form(
    request: HttpRequest,
    actor: Actor,
    texts: Mapping[str, str],
    read: _Read,
    seen: Generated | None,
    status: int,
) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    context = {
        "page_title": "Create plan",
        "action": "/plan/-/generate/",
        "submit_text": "Create plan",
        "given": texts,
        "again": given.get("again", ""),
        "seen": seen,
        "problems": [{"text": p.sentence, "place": p.field} for p in read.problems],
        "back": own_address(given.get("next", ""), "/plan/"),
        "comment": given.get("comment", ""),
        "ticket": given.get("ticket", ""),
        "fields": "cockpit/plan/generate_fields.html",
    }
    in_dialog = by_htmx(request)
    template = "parts/form_dialog.html" if in_dialog else "parts/form_page.html"
    return render(request, actor, template, context, status if read.problems else 200)
