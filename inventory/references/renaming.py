"""A source with other names in it: what is written around the names stays as it is. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from engine.workflow.problem import Path
from inventory.form import Form
from inventory.references.named import document_of
from inventory.references.notation import Notation, renamed_text
from inventory.references.places import Place, places
from inventory.references.spans import Span, text_spans, written
from inventory.source import values_of

_BLOCKS = ("|", ">")
_BY_LINE = (Notation.BOARDS, Notation.SCRIPT)


class NamesKept(Exception):
    """A source in which the names cannot be changed alone, as with anchors shared by others."""


class Renames(NamedTuple):
    """Old names and the new ones by type of object: `{"lock": {"tape": "drum"}}`."""

    of: Mapping[str, Mapping[str, str]]

    def text(self, place: Place) -> str:
        """Return the text of a place with the new names."""
        names = self.of.get(place.type)
        return renamed_text(place.notation, place.text, names) if names else place.text


def renamed_source(kind: str, source: str, renames: Renames) -> str:
    """Return the source of a draft with the new names; the same one where it names none of them.

    Raises:
        NamesKept: it names them, but they cannot be changed alone.
    """
    values = values_of(source)
    document = None if values.data is None else document_of(values.data)
    found = {place.path: place for place in places(kind, document)}
    changed = {path: place for path, place in found.items() if renames.text(place) != place.text}
    if not changed:
        return source
    result = _rewritten(values.form, source, changed, renames)
    wanted = _with(document, {path: renames.text(place) for path, place in changed.items()})
    data = values_of(result).data
    if data is None or document_of(data) != wanted:
        raise NamesKept
    return result


def _rewritten(form: Form, source: str, changed: Mapping[Path, Place], renames: Renames) -> str:
    edits: dict[Span, str] = {}
    for path, span in text_spans(form, source):
        place = changed.get(path)
        if place is not None:
            edits[span] = _new_text(form, source[span.begin : span.end], span, place, renames)
    for span in sorted(edits, reverse=True):
        source = source[: span.begin] + edits[span] + source[span.end :]
    return source


def _new_text(form: Form, raw: str, span: Span, place: Place, renames: Renames) -> str:
    text = renames.text(place)
    if form is Form.YAML and span.style in _BLOCKS and place.notation in _BY_LINE:
        # Lines of a block stand in the source as they are, only further in.
        return renamed_text(place.notation, raw, renames.of[place.type])
    return written(form, span, raw, text)


def _with(document: Any, texts: Mapping[Path, str]) -> Any:
    """Return the document with other texts at some of its places."""
    if not texts:
        return document
    below: dict[str | int, dict[Path, str]] = {}
    for path, text in texts.items():
        if not path:
            return text
        below.setdefault(path[0], {})[path[1:]] = text
    if isinstance(document, Mapping):
        return {k: _with(v, below.get(str(k), {})) for k, v in document.items()}
    return [_with(v, below.get(i, {})) for i, v in enumerate(document)]
