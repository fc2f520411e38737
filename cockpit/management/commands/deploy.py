"""`manage.py deploy PATH…`: files into the inventory and on to the controller, all or nothing."""

import getpass
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from agents.site_key import SiteKeyUnusable
from cockpit.access.account import Actor
from cockpit.access.policy import Account
from cockpit.audit import Deed, Reason, note_answer, record
from controller.commands import answer_to
from inventory.answers import await_answer
from inventory.change import Change
from inventory.errors import DeploymentRefused, Located
from inventory.files import Deployed, NoSuchFiles, ObjectFile, deploy_files, find_files
from inventory.models import Deployment, DeploymentObject
from inventory.models.deployment import DeploymentState

REFUSED = 1
USAGE = 2


class Command(BaseCommand):
    """Exit status 0: deployed, or asked for while no controller runs; 1: refused; 2: usage."""

    help = "Deploy files and folders of objects (NAME.workflow.json, .yaml), all or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--folder", default="", help="put all of them below this folder")
        parser.add_argument("--comment", default="", help="why, for the history")
        parser.add_argument("--account", default="", help="on whose behalf; else this user's name")
        parser.add_argument("--wait", type=float, default=10.0, metavar="SECONDS")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        as_json: bool = options["json"]
        try:
            files = find_files(options["paths"], folder=options["folder"].strip("/"))
            done = self._deploy(files, options)
        except NoSuchFiles as e:
            raise CommandError(str(e), returncode=USAGE) from None
        except SiteKeyUnusable as e:
            raise CommandError(str(e), returncode=REFUSED) from None
        except DeploymentRefused as refusal:
            self._tell_refusal(refusal, files, as_json=as_json)
            raise SystemExit(REFUSED) from None
        deployment = await_answer(done.deployment, timeout_s=options["wait"])
        answer = answer_to(deployment.command)
        if answer is not None:
            note_answer(deployment.command, answer)
        self._tell(done, deployment, as_json=as_json)
        if deployment.state == DeploymentState.REFUSED:
            raise SystemExit(REFUSED)

    def _deploy(self, files: list[ObjectFile], options: dict[str, Any]) -> Deployed:
        account = options["account"] or getpass.getuser()
        with transaction.atomic():
            done = deploy_files(files, account=account, comment=options["comment"])
            actor = Actor(Account(name=account), "command line")
            record(actor, _deed(done), Reason(comment=options["comment"]))
        return done

    def _tell(self, done: Deployed, deployment: Deployment, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(_as_json(done.changes, deployment)))
            return
        for change in done.changes:
            self.stdout.write(f"{_word(change)} {change.kind} {change.path}")
        for answer in deployment.answer:
            if not answer["ok"]:
                self.stderr.write(f"{answer['id']}: {answer['sentence']}")
        self.stdout.write(f"Deployment {deployment.pk}: {_SAID[DeploymentState(deployment.state)]}")

    def _tell_refusal(
        self, refusal: DeploymentRefused, files: list[ObjectFile], *, as_json: bool
    ) -> None:
        file_of = {(f.kind, f.path): str(f.file) for f in files}
        rows = [_problem_row(found, file_of) for found in refusal.problems]
        if as_json:
            self.stdout.write(json.dumps({"state": "refused", "problems": rows}))
            return
        for row in rows:
            place = f" {row['place']}:" if row["place"] else ""
            self.stderr.write(f"{row['file'] or row['path']}:{place} {row['sentence']}")
        self.stderr.write("Nothing was deployed.")


_SAID = {
    DeploymentState.DONE: "done.",
    DeploymentState.REFUSED: "refused by the controller, nothing was taken over.",
    DeploymentState.REQUESTED: "asked for; the controller has not answered yet.",
}


def _deed(done: Deployed) -> Deed:
    changed = [change for change in done.changes if change.changed]
    return Deed(
        verb="deploy",
        kind="workflow",
        objects=[change.path for change in done.changes],
        before={change.path: change.before for change in changed},
        after={change.path: change.after for change in changed},
        command=done.deployment.command,
    )


def _word(change: Change) -> str:
    if not change.changed:
        return "same   "
    return "new    " if change.before is None else "changed"


def _as_json(changes: tuple[Change, ...], deployment: Deployment) -> dict[str, Any]:
    versions = {
        (row.kind, row.path): row.version
        for row in DeploymentObject.objects.filter(deployment=deployment)
    }
    return {
        "deployment": deployment.pk,
        "state": deployment.state,
        "objects": [
            {
                "type": change.kind,
                "path": change.path,
                "version": versions.get((change.kind, change.path), ""),
                "draft": _word(change).strip(),
            }
            for change in changes
        ],
        "answers": deployment.answer,
    }


def _problem_row(found: Located, file_of: dict[tuple[str, str], str]) -> dict[str, str]:
    return {
        "file": file_of.get((found.kind, found.path), ""),
        "type": found.kind,
        "path": found.path,
        "place": found.problem.place,
        "sentence": found.problem.sentence,
        "code": found.problem.code,
        "severity": found.problem.severity.value,
    }
