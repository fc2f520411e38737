"""`/inventory/-/export/` and `/inventory/-/import/`: archives in the form of JS7's."""

import io
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import IO, Any

from django.core.files.uploadedfile import UploadedFile
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.text import slugify
from rest_framework.request import Request

from agents.site_key import site_key
from cockpit.access.gate import require, require_at, restrict
from cockpit.access.policy import Verb
from cockpit.api import keep
from cockpit.api.documented import told
from cockpit.api.inventory import archive_bodies as bodies
from cockpit.api.inventory.audited import record_changes
from cockpit.api.inventory.refusals import as_problems
from cockpit.api.problem import FieldProblem, Refusal, as_json, invalid
from cockpit.api.query import read_query
from cockpit.api.view import View
from cockpit.archive_file import PRODUCT
from cockpit.audit import Reason
from inventory.archives.exporting import Edition, Layout, Notation, Selection, export
from inventory.archives.format import ArchiveFormat
from inventory.archives.importing import Options, carry_out_import, preview_import
from inventory.archives.opening import Opened, opened
from inventory.archives.placing import Placement
from inventory.archives.signing import SignersUnreadable, Trust
from inventory.archives.trust import trust_of_site
from inventory.queries import present_items

LARGEST_UPLOAD = 32 * 1024 * 1024
_IN_MEMORY = 4 * 1024 * 1024
_PIECE = 64 * 1024
MEDIA = ("application/zip", "application/gzip", "multipart/form-data")


class ArchiveExport(View):
    """`-/export/`: objects as an archive."""

    verbs = {"POST": Verb.LOOK}

    @told(query=bodies.ExportQuery, answers={200: None}, media="application/zip")
    def get(self, request: Request) -> StreamingHttpResponse:
        """Return a folder as an archive; without one all that the account may see."""
        query = read_query(request.GET, bodies.ExportQuery)
        selection = Selection(
            folder=query.folder.strip("/"), kinds=tuple(query.type), recursive=query.recursive,
            with_references=query.with_references,
        )  # fmt: skip
        layout = Layout(
            form=ArchiveFormat(query.format), edition=Edition(query.edition), product=PRODUCT
        )
        return self._archive(selection, layout)

    @told(body=bodies.ExportBody, answers={200: None}, media="application/zip")
    def post(self, request: Request) -> StreamingHttpResponse:
        """Return objects as an archive. Equal objects give equal archives."""
        body = self.body(bodies.ExportBody)
        if body.sign:
            require(self.account, Verb.DEPLOY)
        with as_problems(with_path=True):
            signer = site_key() if body.sign else None
        selection = Selection(
            objects=tuple((ref.type, ref.path) for ref in body.objects),
            folder=body.folder, kinds=tuple(body.type), recursive=body.recursive,
            with_references=body.with_references,
        )  # fmt: skip
        layout = Layout(
            form=ArchiveFormat(body.format), edition=Edition(body.edition),
            notation=Notation(body.notation), start_folder=body.start_folder.strip("/"),
            for_signing=body.for_signing, signer=signer, product=PRODUCT,
        )  # fmt: skip
        return self._archive(selection, layout)

    def _archive(self, selection: Selection, layout: Layout) -> StreamingHttpResponse:
        with as_problems(with_path=True):
            items = restrict(present_items(), self.account)
            plain = self.request._request  # noqa: SLF001
            return archive_response(selection, layout, items, plain)


class ArchiveImport(View):
    """`-/import/`: an archive into drafts."""

    verbs = {"POST": Verb.EDIT}

    @told(
        query=bodies.ImportQuery,
        takes=MEDIA,
        answers={200: bodies.ImportSeen},
        problems=(409,),
    )
    def post(self, request: Request) -> HttpResponse:
        """Take the objects of an archive into drafts, all or none; `dry_run` only tells.

        The body is the archive, or a form with it as `file` whose other fields are the options.
        With `seen`, the `seal` of a preview, nothing is done but what that one told.
        """
        given, archive = self._given()
        query = read_query(given, bodies.ImportQuery)
        with as_problems(with_path=True):
            found = opened(archive, skip_unknown=query.skip_unknown)
        if query.dry_run:
            return as_json(self._previewed(found, query))
        act = lambda: self._carried_out(found, query)  # noqa: E731
        return keep.once(self.request._request, self.actor, act)  # noqa: SLF001

    def _previewed(self, found: Opened, query: bodies.ImportQuery) -> bodies.ImportSeen:
        options = options_of(query)
        preview = preview_import(found.contents, options, trust=trusted(), more=found.problems)
        return bodies.import_seen(preview)

    def _carried_out(self, found: Opened, query: bodies.ImportQuery) -> HttpResponse:
        options = options_of(query)
        trust, name = trusted(), self.account.name
        for path in {options.placement.path(each.path) for each in found.contents.objects}:
            require_at(self.account, Verb.EDIT, path)
        before = preview_import(found.contents, options, trust=trust, more=found.problems)
        with as_problems(with_path=True):
            changes = carry_out_import(
                found.contents, options, account=name, trust=trust, more=found.problems,
                seen=query.seen or before.seal,
            )  # fmt: skip
        record_changes(self.actor, changes, Reason(query.comment, query.ticket))
        return as_json(bodies.import_seen(before))

    def _given(self) -> tuple[Any, IO[bytes]]:
        body = self.raw_body
        if len(body) > LARGEST_UPLOAD:
            sentence = f"The archive is too large; at most {LARGEST_UPLOAD} bytes are taken."
            raise Refusal(413, "body-too-large", sentence)
        plain = self.request._request  # noqa: SLF001
        if plain.content_type != "multipart/form-data":
            return plain.GET, io.BytesIO(body)
        file = plain.FILES.get("file")
        if not isinstance(file, UploadedFile) or file.file is None:
            raise invalid([FieldProblem("file", "The form has no file.")])
        both = plain.GET.copy()
        both.update(plain.POST)
        return both, file.file


def archive_response(
    selection: Selection, layout: Layout, items: Any, asked_in: HttpRequest
) -> StreamingHttpResponse:
    """Return an archive as a file to be kept, a piece at a time.

    Raises:
        ExportRefused: with all that cannot be exported.
    """
    out = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # who sends it closes it
    try:
        export(selection, layout, items, out)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    name = slugify((selection.folder or "inventory").replace("/", "-")) or "inventory"
    pieces: Any = _pieces(out)
    return StreamingHttpResponse(
        _async(pieces) if isinstance(asked_in, ASGIRequest) else pieces,
        content_type=layout.form.media,
        headers={
            "Content-Disposition": f'attachment; filename="{name}.{layout.form.value}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def _pieces(out: IO[bytes]) -> Iterator[bytes]:
    with out:
        while piece := out.read(_PIECE):
            yield piece


async def _async(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def options_of(query: bodies.ImportQuery) -> Options:
    """Return what becomes of the objects."""
    placement = Placement(
        folder=query.target_folder.strip("/"), prefix=query.prefix, suffix=query.suffix
    )
    return Options(placement=placement, overwrite=query.overwrite, take_invalid=query.take_invalid)


def trusted() -> Trust:
    """Return who may sign archives.

    Raises:
        Refusal: the settings cannot be read.
    """
    try:
        return trust_of_site(datetime.now(UTC))
    except SignersUnreadable as unreadable:
        raise Refusal(503, "signers-unreadable", str(unreadable)) from None
