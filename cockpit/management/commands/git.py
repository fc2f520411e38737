"""`manage.py git VERB`: folders that are kept in Git repositories."""

import getpass
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from agents.site_key import SiteKeyUnusable
from cockpit.access.account import Actor
from cockpit.access.policy import Account
from cockpit.api.inventory.audited import record_changes
from cockpit.api.inventory.deployments import record_deployment
from cockpit.audit import Reason
from inventory.answers import await_answer
from inventory.deployed import Ref
from inventory.errors import InventoryRefusal, Located
from inventory.kinds import KINDS
from inventory.models import Repository
from inventory.models.deployment import DeploymentState
from inventory.repositories.binding import bind, unbind
from inventory.repositories.pulling import Pulled, deploy_commit, pull
from inventory.repositories.pushing import push
from inventory.repositories.standing import status
from inventory.repositories.three_way import Row, Side

REFUSED = 1
USAGE = 2


class Command(BaseCommand):
    """Exit status 0: done; 1: refused, nothing has changed; 2: usage."""

    help = "Folders in Git: bind, list, status, diff, pull, deploy, push, unbind."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        for name, text in _VERBS.items():
            verb = verbs.add_parser(name, help=text)
            if name != "list":
                verb.add_argument("folder", metavar="FOLDER", help="/ is the root")
            _add_options(name, verb)
            verb.add_argument(
                "--account", default="", help="on whose behalf; else this user's name"
            )
            verb.add_argument("--comment", default="", help="why, for the audit log")
            verb.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        options["folder"] = options.get("folder", "").strip("/")
        try:
            said = getattr(self, f"_{options['verb']}")(options)
        except InventoryRefusal as refused:
            self._tell_refusal(refused.problems, as_json=options["json"])
            raise SystemExit(REFUSED) from None
        except SiteKeyUnusable as e:
            raise CommandError(str(e), returncode=REFUSED) from None
        lines = said.pop("lines")
        self.stdout.write(json.dumps(said) if options["json"] else "\n".join(lines))
        if said.get("deployed") == DeploymentState.REFUSED:
            raise SystemExit(REFUSED)

    def _bind(self, options: dict[str, Any]) -> dict[str, Any]:
        actor = _actor(options)
        with transaction.atomic():
            done = bind(
                options["folder"], options["address"], account=actor.account.name,
                branch=options["branch"], directory=options["directory"].strip("/"),
                credentials=options["credentials"],
            )  # fmt: skip
            record_changes(actor, [done], Reason(options["comment"]))
        return {"state": "done", "lines": ["Bound. Now look (status) and pull, or push."]}

    def _unbind(self, options: dict[str, Any]) -> dict[str, Any]:
        with transaction.atomic():
            record_changes(_actor(options), [unbind(options["folder"])], Reason(options["comment"]))
        return {"state": "done", "lines": ["Unbound. Drafts and repository stay as they are."]}

    def _list(self, options: dict[str, Any]) -> dict[str, Any]:
        fields = ("path", "address", "branch", "directory", "credentials", "commit")
        found = list(Repository.objects.values(*fields))
        lines = [f"/{r['path']}  {r['address']}  {r['branch']}  {r['commit'][:12]}" for r in found]
        return {"repositories": found, "lines": lines}

    def _status(self, options: dict[str, Any]) -> dict[str, Any]:
        found = status(options["folder"], commit=options["commit"])
        rows = [_row(row) for row in found.rows]
        lines = [f"{_WORDS[row.standing]}  {row.kind} {row.path}" for row in found.rows]
        lines += [f"{p.path}: {p.problem.sentence}" for p in found.problems]
        lines.append(_where(found.head, found.commit, in_step=not rows))
        return {"head": found.head, "commit": found.commit, "objects": rows, "lines": lines}

    def _diff(self, options: dict[str, Any]) -> dict[str, Any]:
        found = status(options["folder"], commit=options["commit"])
        rows = [{**_row(row), "diff": row.diff} for row in found.rows]
        return {"head": found.head, "objects": rows, "lines": [row.diff for row in found.rows]}

    def _pull(self, options: dict[str, Any]) -> dict[str, Any]:
        actor, reason = _actor(options), Reason(options["comment"])
        done = pull(
            options["folder"], account=actor.account.name, choices=_choices(options),
            commit=options["commit"],
            note=lambda pulled: record_changes(actor, pulled.changes, reason),
        )  # fmt: skip
        return _pulled(done)

    def _deploy(self, options: dict[str, Any]) -> dict[str, Any]:
        actor, reason = _actor(options), Reason(options["comment"])

        def note(pulled: Pulled) -> None:
            record_changes(actor, pulled.changes, reason)
            if pulled.deployment is not None:
                record_deployment(actor, "deploy", pulled.deployment, reason)

        done = deploy_commit(
            options["folder"], account=actor.account.name, comment=options["comment"],
            choices=_choices(options), commit=options["commit"], note=note,
        )  # fmt: skip
        said = _pulled(done)
        if done.deployment is None:
            return said
        made = await_answer(done.deployment, timeout_s=options["wait"])
        said["lines"].append(f"Deployment {made.pk} of {done.commit[:12]}: {made.state}.")
        return {**said, "deployment": made.pk, "deployed": made.state}

    def _push(self, options: dict[str, Any]) -> dict[str, Any]:
        actor, reason = _actor(options), Reason(options["comment"])
        done = push(
            options["folder"], account=actor.account.name, message=options["message"],
            deployed=options["deployed"],
            note=lambda pushed: record_changes(actor, [pushed.change], reason),
        )  # fmt: skip
        objects = [{"type": kind, "path": path} for kind, path in done.objects]
        lines = [f"{o['type']} {o['path']}" for o in objects] + [f"Pushed {done.commit[:12]}."]
        return {"state": "done", "commit": done.commit, "objects": objects, "lines": lines}

    def _tell_refusal(self, problems: tuple[Located, ...], *, as_json: bool) -> None:
        if as_json:
            told = [
                {"type": p.kind, "path": p.path, "place": p.problem.place,
                 "sentence": p.problem.sentence, "code": p.problem.code} for p in problems
            ]  # fmt: skip
            self.stdout.write(json.dumps({"state": "refused", "problems": told}))
            return
        for found in problems:
            about = f"{found.kind} {found.path}: " if found.kind in KINDS else ""
            self.stderr.write(f"{about}{found.problem.sentence}")


_VERBS = {
    "bind": "keep a folder in a repository",
    "unbind": "forget that a folder is kept in one",
    "list": "show which folders are",
    "status": "show what has changed here and there",
    "diff": "show how the texts differ",
    "pull": "take changes of the repository into drafts",
    "deploy": "take a commit into drafts and deploy it",
    "push": "bring changes of drafts into the repository",
}
_WORDS = {"theirs": "pull    ", "ours": "push    ", "both": "conflict"}


def _add_options(name: str, verb: ArgumentParser) -> None:
    if name == "bind":
        verb.add_argument("address", metavar="ADDRESS", help="https://…, ssh://… or a local path")
        verb.add_argument("--branch", default="main")
        verb.add_argument("--directory", default="", help="the folder in the repository")
        verb.add_argument("--credentials", default="", help="name of a file of credentials")
    if name in ("status", "diff", "pull", "deploy"):
        verb.add_argument("--commit", default="", help="instead of the branch's last one")
    if name in ("pull", "deploy"):
        for side in Side:
            text = f"take this side of TYPE:PATH: {side.value}"
            verb.add_argument(f"--{side.value}", action="append", default=[], help=text)
    if name == "deploy":
        verb.add_argument("--wait", type=float, default=10.0, metavar="SECONDS")
    if name == "push":
        verb.add_argument("-m", "--message", required=True)
        verb.add_argument("--deployed", action="store_true", help="versions in use, not drafts")


def _actor(options: dict[str, Any]) -> Actor:
    name = options["account"] or getpass.getuser()
    return Actor(Account(name=name, staff=True), "command line")


def _choices(options: dict[str, Any]) -> dict[Ref, Side]:
    found: dict[Ref, Side] = {}
    for side in Side:
        for text in options[side.value]:
            kind, _, path = text.partition(":")
            if kind not in KINDS or not path:
                raise CommandError(f"{text} is not TYPE:PATH.", returncode=USAGE)
            found[kind, path] = side
    return found


def _row(row: Row) -> dict[str, Any]:
    return {"type": row.kind, "path": row.path, "standing": row.standing.value}


def _pulled(done: Pulled) -> dict[str, Any]:
    rows = [c for c in done.changes if c.kind in KINDS and c.changed]
    objects = [{"type": c.kind, "path": c.path, "gone": c.after is None} for c in rows]
    lines = [f"{'gone' if o['gone'] else 'taken'}  {o['type']} {o['path']}" for o in objects]
    lines.append(f"The drafts are at {done.commit[:12]}.")
    return {"state": "done", "commit": done.commit, "objects": objects, "lines": lines}


def _where(head: str, commit: str, *, in_step: bool) -> str:
    if not head:
        return "The repository has no such branch yet."
    step = "in step" if in_step else "not in step"
    return f"The branch is at {head[:12]}, drafts come from {commit[:12] or 'nowhere'}: {step}."
