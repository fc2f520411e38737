"""`/inventory/-/export/` and `/inventory/-/import/`: objects out as a file, and in again."""

import io
from datetime import UTC, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from msgspec import ValidationError, convert

from agents.site_key import SiteKeyUnusable, site_key
from cockpit.access.account import Actor
from cockpit.access.gate import require, require_at, restrict
from cockpit.access.policy import Verb
from cockpit.api.inventory.archive_bodies import ImportQuery
from cockpit.api.inventory.archives import (
    LARGEST_UPLOAD,
    archive_response,
    options_of,
    trusted,
)
from cockpit.api.inventory.audited import record_changes
from cockpit.api.problem import Refusal
from cockpit.archive_file import PRODUCT
from cockpit.pages.addresses import object_at, with_query
from cockpit.pages.asking import reason_of, told
from cockpit.pages.chosen_objects import refs_in
from cockpit.pages.door import page, render
from cockpit.pages.kind_words import WORDS
from inventory.archives.exporting import Edition, Layout, Notation, Selection
from inventory.archives.format import ArchiveFormat
from inventory.archives.importing import ImportPreview, Stand, carry_out_import, preview_import
from inventory.archives.opening import Opened, opened
from inventory.archives.uploads import keep_upload, upload_of
from inventory.errors import InventoryRefusal, Located
from inventory.models import UploadedArchive
from inventory.queries import present_items

SHOWN = 300
LONGEST_DIFF = 60
_HERE = "/inventory/-/import/"
_LOOKS = {
    Stand.NEW: ("draft", "new"),
    Stand.CHANGED: ("draft", "changed"),
    Stand.EQUAL: ("deployed", "the same"),
    Stand.KEPT: ("suspended", "differs, stays"),
}


@page()
def export_archive(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Show what is exported and how, or answer with the archive."""
    given = request.POST if request.method == "POST" else request.GET
    refs = refs_in(given.getlist("objects"))
    folder = given.get("folder", "").strip("/").replace("\0", "")
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        try:
            if given.get("signatures") == "sign":
                require(actor.account, Verb.DEPLOY)
            selection = Selection(
                objects=tuple(refs), folder=None if refs else folder,
                with_references="with_references" in given,
            )  # fmt: skip
            items = restrict(present_items(), actor.account)
            return archive_response(selection, _layout(given), items, request)
        except InventoryRefusal as refused:
            problems = [_told(found) for found in refused.problems]
        except SiteKeyUnusable as unusable:
            problems = [{"text": str(unusable), "place": "", "level": "error"}]
    context = {
        "page_title": "Export", "folder": folder, "problems": problems, "given": given,
        "refs": [f"{kind}:{path}" for kind, path in refs],
        "formats": [form.value for form in ArchiveFormat],
        "back": "/inventory/" + with_query({"folder": folder}),
    }  # fmt: skip
    return render(request, actor, "inventory/export.html", context, 422 if problems else 200)


@page(Verb.EDIT)
def import_archive(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the form, what an uploaded archive would do, or do it."""
    given = request.POST if request.method == "POST" else request.GET
    problems: list[dict[str, str]] = []
    query = ImportQuery(target_folder=given.get("target_folder", given.get("folder", "")))
    upload = upload_of(given.get("upload", ""), account=actor.account.name)
    preview: ImportPreview | None = None
    try:
        query = _query(given)
        upload = _kept(request, actor) or upload
        if upload is not None:
            found = opened(io.BytesIO(bytes(upload.content)), skip_unknown=query.skip_unknown)
            if "keep" in request.POST:
                return _carry_out(request, actor, found, query, upload)
            preview = preview_import(
                found.contents, options_of(query), trust=trusted(), more=found.problems
            )
    except InventoryRefusal as refused:
        problems = [_told(each) for each in refused.problems]
    except (Refusal, ValidationError) as refused_or_not:
        problems = [{"text": str(refused_or_not), "place": "", "level": "error"}]
    return _shown(request, actor, query, upload, preview, problems)


def _shown(
    request: HttpRequest,
    actor: Actor,
    query: ImportQuery,
    upload: UploadedArchive | None,
    preview: ImportPreview | None,
    problems: list[dict[str, str]],
) -> HttpResponse:
    context: dict[str, Any] = {
        "page_title": "Import", "asked": query, "upload": upload, "problems": problems,
        "most": LARGEST_UPLOAD // 1024 // 1024, "comment": query.comment, "ticket": query.ticket,
    }  # fmt: skip
    if preview is not None:
        context |= {
            "preview": preview, "seal": preview.seal, "all": len(preview.objects),
            "lines": [_line(row) for row in preview.objects[:SHOWN]],
            "problems": [_told(found) for found in preview.problems[:SHOWN]],
            "counts": [(look, word, n) for stand, (look, word) in _LOOKS.items()
                       if (n := sum(row.stand is stand for row in preview.objects))],
        }  # fmt: skip
    return render(request, actor, "inventory/import.html", context, 422 if problems else 200)


def _carry_out(
    request: HttpRequest, actor: Actor, found: Opened, query: ImportQuery, upload: UploadedArchive
) -> HttpResponse:
    options = options_of(query)
    for path in {options.placement.path(each.path) for each in found.contents.objects}:
        require_at(actor.account, Verb.EDIT, path)
    with transaction.atomic():
        changes = carry_out_import(
            found.contents, options, account=actor.account.name, trust=trusted(),
            more=found.problems, seen=query.seen,
        )  # fmt: skip
        record_changes(actor, changes, reason_of(request))
        upload.delete()
    back = "/inventory/" + with_query({"folder": query.target_folder})
    return told(request, f"{len(changes)} objects were taken from the archive.", back_to=back)


def _kept(request: HttpRequest, actor: Actor) -> UploadedArchive | None:
    """Return the archive that comes with the form; None where none comes.

    Raises:
        Refusal: it is too large.
    """
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        return None
    if (file.size or 0) > LARGEST_UPLOAD:
        raise Refusal(413, "body-too-large", f"At most {LARGEST_UPLOAD} bytes are taken.")
    return keep_upload(
        file.name or "", file.read(), account=actor.account.name, now=datetime.now(UTC)
    )


def _query(given: QueryDict) -> ImportQuery:
    flags = {name: name in given for name in ("overwrite", "take_invalid", "skip_unknown")}
    texts = {
        name: given.get(name, "").strip()
        for name in ("target_folder", "prefix", "suffix", "seen", "comment", "ticket")
    }
    texts["target_folder"] = (texts["target_folder"] or given.get("folder", "")).strip("/")
    return convert({**flags, **texts}, ImportQuery)


def _layout(given: QueryDict) -> Layout:
    for_signing = given.get("signatures") == "for-signing"
    return Layout(
        form=ArchiveFormat.TAR_GZ if given.get("format") == "tar.gz" else ArchiveFormat.ZIP,
        edition=Edition.DEPLOYED if given.get("edition") == "deployed" else Edition.DRAFT,
        notation=Notation.JSON if "as_json" in given else Notation.AS_WRITTEN,
        for_signing=for_signing,
        signer=site_key() if given.get("signatures") == "sign" else None,
        product=PRODUCT,
    )


def _line(row: Any) -> dict[str, Any]:
    diff = row.diff.splitlines()
    look, word = _LOOKS[row.stand]
    return {
        "row": row, "look": look, "word": word, "words": WORDS[row.kind],
        "href": "" if row.stand is Stand.NEW else object_at(row.kind, row.path),
        "diff": diff[:LONGEST_DIFF], "more": max(0, len(diff) - LONGEST_DIFF),
    }  # fmt: skip


def _told(found: Located) -> dict[str, str]:
    place = f"{found.path}: {found.problem.place}".strip().removesuffix(":")
    return {"text": found.problem.sentence, "place": place, "level": found.problem.severity.value}
