"""`manage.py export ARCHIVE`: objects into a zip or tar.gz, in the form of JS7's archives."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents.site_key import SiteKeyUnusable, site_key
from cockpit.archive_file import PRODUCT, written_aside
from inventory.archives.exporting import Edition, Entry, Layout, Notation, Selection, export
from inventory.archives.format import ArchiveFormat, format_named
from inventory.deployed import Ref
from inventory.errors import ExportRefused
from inventory.kinds import KINDS
from inventory.models import Item

REFUSED = 1
USAGE = 2


class Command(BaseCommand):
    """Exit status 0: written; 1: refused, nothing is written; 2: usage."""

    help = "Write objects into an archive (.zip or .tar.gz). Equal objects give equal archives."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("archive", type=Path, metavar="ARCHIVE")
        parser.add_argument("--folder", help="with everything in it; the default is all folders")
        parser.add_argument("--object", action="append", default=[], metavar="TYPE:PATH")
        parser.add_argument("--type", action="append", default=[], choices=sorted(KINDS))
        parser.add_argument("--flat", action="store_true", help="without the folders in the folder")
        parser.add_argument("--with-references", action="store_true", help="and what they use")
        parser.add_argument("--deployed", action="store_true", help="versions in use, not drafts")
        parser.add_argument("--as-json", action="store_true", help="write YAML as JSON, for JS7")
        parser.add_argument("--start-folder", default="", help="cut this folder from the paths")
        parser.add_argument("--sign", action="store_true", help="put signatures beside the files")
        parser.add_argument("--for-signing", action="store_true",
                            help="only what needs a signature, as JSON")  # fmt: skip
        parser.add_argument("--format", choices=[form.value for form in ArchiveFormat])
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["archive"]
        form = ArchiveFormat(options["format"]) if options["format"] else format_named(file.name)
        if form is None:
            raise CommandError("Name the archive .zip or .tar.gz, or give --format.",
                               returncode=USAGE)  # fmt: skip
        selection, layout = _selection(options), _layout(options, form)
        items = Item.objects.filter(trashed_at__isnull=True)
        try:
            with written_aside(file) as out:
                entries = export(selection, layout, items, out)
        except ExportRefused as refused:
            self._tell_refusal(refused, as_json=options["json"])
            raise SystemExit(REFUSED) from None
        except OSError as e:
            raise CommandError(f"{file}: {e.strerror}", returncode=USAGE) from None
        self._tell(file, entries, as_json=options["json"])

    def _tell(self, file: Path, entries: list[Entry], *, as_json: bool) -> None:
        if as_json:
            objects = [{"type": e.kind, "path": e.path, "file": e.file} for e in entries]
            self.stdout.write(json.dumps({"archive": str(file), "objects": objects}))
            return
        for entry in entries:
            self.stdout.write(entry.file)
        self.stdout.write(f"{len(entries)} objects in {file}.")

    def _tell_refusal(self, refused: ExportRefused, *, as_json: bool) -> None:
        if as_json:
            problems = [
                {"type": p.kind, "path": p.path, "sentence": p.problem.sentence,
                 "code": p.problem.code} for p in refused.problems
            ]  # fmt: skip
            self.stdout.write(json.dumps({"state": "refused", "problems": problems}))
            return
        for found in refused.problems:
            self.stderr.write(found.problem.sentence)
        self.stderr.write("Nothing was written.")


def _selection(options: dict[str, Any]) -> Selection:
    objects = tuple(_ref(text) for text in options["object"])
    folder = options["folder"]
    if folder is None and not objects:
        folder = ""
    return Selection(
        objects=objects, folder=folder, kinds=tuple(options["type"]),
        recursive=not options["flat"], with_references=options["with_references"],
    )  # fmt: skip


def _ref(text: str) -> Ref:
    kind, _, path = text.partition(":")
    if kind not in KINDS or not path:
        raise CommandError(f"{text} is not TYPE:PATH, as in workflow:demo/report.",
                           returncode=USAGE)  # fmt: skip
    return kind, path.strip("/")


def _layout(options: dict[str, Any], form: ArchiveFormat) -> Layout:
    try:
        signer = site_key() if options["sign"] else None
    except SiteKeyUnusable as e:
        raise CommandError(str(e), returncode=REFUSED) from None
    return Layout(
        form=form,
        edition=Edition.DEPLOYED if options["deployed"] else Edition.DRAFT,
        notation=Notation.JSON if options["as_json"] else Notation.AS_WRITTEN,
        start_folder=options["start_folder"].strip("/"),
        for_signing=options["for_signing"],
        signer=signer,
        product=PRODUCT,
    )
