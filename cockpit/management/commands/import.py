"""`manage.py import ARCHIVE`: what a zip or tar.gz holds into drafts, all or nothing."""  # noqa: N999

import getpass
import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
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
from inventory.archives.importing import (
    ImportPreview,
    Options,
    Stand,
    carry_out_import,
    preview_import,
)
from inventory.archives.opening import Opened, opened
from inventory.archives.placing import Placement
from inventory.archives.signing import SignersUnreadable, Trust
from inventory.archives.trust import trust_of_site
from inventory.deploy import deploy
from inventory.errors import InventoryRefusal, Located
from inventory.models import Deployment
from inventory.models.deployment import DeploymentState

REFUSED = 1
USAGE = 2
_SAID = {
    "possible": "Nothing was kept: this is what it would do.",
    "done": "Done.",
    "refused": "Nothing was kept.",
}


class Command(BaseCommand):
    """Exit status 0: done, or possible with --dry-run; 1: refused, nothing is kept; 2: usage."""

    help = "Take the objects of an archive into drafts, all or nothing; --deploy deploys them, too."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("archive", type=Path, metavar="ARCHIVE")
        parser.add_argument("--folder", default="", help="put all of them below this folder")
        parser.add_argument("--prefix", default="", help="before each name, also where it is named")
        parser.add_argument("--suffix", default="", help="behind each name, also where it is named")
        parser.add_argument("--overwrite", action="store_true", help="write over other drafts")
        parser.add_argument("--take-invalid", action="store_true",
                            help="take documents with errors as drafts to be mended")  # fmt: skip
        parser.add_argument("--skip-unknown", action="store_true",
                            help="pass over files that are no objects")  # fmt: skip
        parser.add_argument("--require-signatures", action="store_true",
                            help="refuse files without a valid signature")  # fmt: skip
        parser.add_argument("--dry-run", action="store_true", help="only tell what it would do")
        parser.add_argument("--deploy", action="store_true", help="deploy and release them at once")
        parser.add_argument("--comment", default="", help="why, for the audit log")
        parser.add_argument("--account", default="", help="on whose behalf; else this user's name")
        parser.add_argument("--wait", type=float, default=10.0, metavar="SECONDS")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = self._opened(options)
            trust = _trust(options)
            preview = preview_import(
                found.contents, _options(options), trust=trust, more=found.problems
            )
            made = None
            if not options["dry_run"] and preview.possible:
                made = _carry_out(found, preview, trust, options)
        except InventoryRefusal as refused:
            self._tell([], refused.problems, None, options)
            raise SystemExit(REFUSED) from None
        except (SignersUnreadable, SiteKeyUnusable) as e:
            raise CommandError(str(e), returncode=REFUSED) from None
        if made is not None:
            made = await_answer(made, timeout_s=options["wait"])
        self._tell(_rows(preview), preview.problems, made, options, possible=preview.possible)
        if not preview.possible or (made and made.state == DeploymentState.REFUSED):
            raise SystemExit(REFUSED)

    def _opened(self, options: dict[str, Any]) -> Opened:
        file: Path = options["archive"]
        try:
            with file.open("rb") as archive:
                return opened(archive, skip_unknown=options["skip_unknown"])
        except OSError as e:
            raise CommandError(f"{file}: {e.strerror}.", returncode=USAGE) from None

    def _tell(
        self,
        rows: list[dict[str, str]],
        problems: tuple[Located, ...],
        made: Deployment | None,
        options: dict[str, Any],
        *,
        possible: bool = False,
    ) -> None:
        state = "possible" if options["dry_run"] else "done"
        state = state if possible else "refused"
        if options["json"]:
            self.stdout.write(_as_json(state, rows, problems, made))
            return
        for row in rows:
            self.stdout.write(f"{row['stand']:<8} {row['type']} {row['path']}")
        for found in problems:
            place = f" {found.problem.place}:" if found.problem.place else ""
            file = found.path or options["archive"]
            self.stderr.write(f"{file}:{place} {found.problem.sentence}")
        if made:
            self.stdout.write(f"Deployment {made.pk}: {made.state}.")
        self.stdout.write(_SAID[state])


def _carry_out(
    found: Opened, preview: ImportPreview, trust: Trust, options: dict[str, Any]
) -> Deployment | None:
    actor = Actor(Account(name=options["account"] or getpass.getuser(), staff=True), "command line")
    name, reason = actor.account.name, Reason(options["comment"])
    with transaction.atomic():
        changes = carry_out_import(
            found.contents, _options(options), account=name, trust=trust, more=found.problems,
            seen=preview.seal,
        )  # fmt: skip
        record_changes(actor, changes, reason)
        if not options["deploy"]:
            return None
        refs = [(row.kind, row.path) for row in preview.objects if row.stand is not Stand.KEPT]
        made = deploy(refs, account=name, comment=options["comment"])
        record_deployment(actor, "deploy", made, reason)
        return made


def _options(options: dict[str, Any]) -> Options:
    placement = Placement(
        folder=options["folder"].strip("/"), prefix=options["prefix"], suffix=options["suffix"]
    )
    return Options(
        placement=placement, overwrite=options["overwrite"], take_invalid=options["take_invalid"]
    )


def _trust(options: dict[str, Any]) -> Trust:
    asked = "require" if options["require_signatures"] else ""
    return trust_of_site(datetime.now(UTC), asked=asked)


def _rows(preview: ImportPreview) -> list[dict[str, str]]:
    return [
        {"type": row.kind, "path": row.path, "file": row.file, "stand": row.stand.value}
        for row in preview.objects
    ]


def _as_json(
    state: str,
    rows: list[dict[str, str]],
    problems: tuple[Located, ...],
    made: Deployment | None,
) -> str:
    deployment = {"deployment": made.pk, "deployed": made.state} if made else {}
    told = [_problem(found) for found in problems]
    return json.dumps({"state": state, **deployment, "objects": rows, "problems": told})


def _problem(found: Located) -> dict[str, str]:
    told = found.problem
    return {"file": found.path, "place": told.place, "sentence": told.sentence,
            "code": told.code, "severity": told.severity.value}  # fmt: skip
