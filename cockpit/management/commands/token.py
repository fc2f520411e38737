"""Make, list and end access tokens."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from cockpit import audit
from cockpit.access.account import Actor, account_of
from cockpit.access.policy import READ_SCOPE, Account, Verb
from cockpit.access.tokens import issue, revoke
from cockpit.audit import Deed
from cockpit.models import AccessToken

SCOPES = [READ_SCOPE, *(verb.value for verb in Verb if verb is not Verb.LOOK)]
COMMAND_LINE = Actor(Account("", staff=True), "command line")


class Command(BaseCommand):
    """`token make USER`, `token list`, `token end PREFIX`."""

    help = "Make, list and end access tokens of the REST API."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the verb and what it needs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        make = verbs.add_parser("make", help="make a token; its secret is printed once")
        make.add_argument("user")
        make.add_argument("--name", default="command line")
        make.add_argument("--scope", action="append", default=[], choices=SCOPES)
        make.add_argument("--days", type=int, default=0, help="how long; 0 is for ever")
        verbs.add_parser("list", help="list tokens in force")
        end = verbs.add_parser("end", help="end a token")
        end.add_argument("prefix")

    def handle(self, **options: Any) -> None:
        """Do it and print what came of it, as JSON."""
        if options["verb"] == "make":
            told: Any = self._make(options)
        elif options["verb"] == "end":
            told = self._end(options["prefix"])
        else:
            told = [_seen(t) for t in AccessToken.objects.filter(revoked_at__isnull=True)]
        self.stdout.write(msgspec.json.encode(told).decode())

    def _make(self, options: dict[str, Any]) -> dict[str, Any]:
        user = get_user_model().objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['user']}.", returncode=1)
        days = options["days"]
        expires_at = datetime.now(UTC) + timedelta(days=days) if days else None
        with transaction.atomic():
            token, secret = issue(
                user, options["name"], scopes=options["scope"], expires_at=expires_at
            )
            actor = Actor(account_of(user), "command line")
            deed = Deed(verb="issue", kind="token", objects=[token.prefix], after=_seen(token))
            audit.record(actor, deed)
        return {"token": secret, **_seen(token)}

    def _end(self, prefix: str) -> dict[str, Any]:
        found = AccessToken.objects.filter(prefix=prefix, revoked_at__isnull=True).first()
        if found is None:
            raise CommandError(f"There is no token {prefix} in force.", returncode=1)
        with transaction.atomic():
            revoke(found.pk)
            audit.record(COMMAND_LINE, Deed(verb="revoke", kind="token", objects=[prefix]))
        return {"ended": prefix}


def _seen(token: AccessToken) -> dict[str, Any]:
    return {
        "prefix": token.prefix,
        "user": token.user.get_username(),
        "name": token.name,
        "scopes": token.scopes,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
    }
