"""Problems of a form at its fields: a sentence below the field, and what tells screen readers.

`problems` are things with `text` and `place`; a place with an index belongs to its field.
"""

from collections.abc import Iterable, Mapping

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def told(
    problems: Iterable[Mapping[str, str]] | None, place: str, field_id: str, hint: str = ""
) -> SafeString:
    """Return the attributes of a field: what describes it, and whether it is wrong.

    Args:
        problems: of the form.
        place: the name of the field in problems.
        field_id: id of the field; the sentence below it has `-problem` behind.
        hint: anything, where a hint with `-hint` behind the id is there.
    """
    wrong = bool(_texts(problems, place))
    ids = [f"{field_id}-hint"] * bool(hint) + [f"{field_id}-problem"] * wrong
    described = format_html(' aria-describedby="{}"', " ".join(ids)) if ids else SafeString("")
    return format_html("{}{}", described, _INVALID if wrong else "")


@register.simple_tag
def problem_of(
    problems: Iterable[Mapping[str, str]] | None, place: str, field_id: str
) -> SafeString:
    """Return what is wrong with a field, empty where nothing is."""
    texts = _texts(problems, place)
    if not texts:
        return SafeString("")
    told_of = format_html_join(" ", "{}", ((text,) for text in texts))
    return format_html('<div class="error-text" id="{}-problem">{}</div>', field_id, told_of)


_INVALID = format_html(' aria-invalid="{}"', "true")


def _texts(problems: Iterable[Mapping[str, str]] | None, place: str) -> list[str]:
    return [
        problem["text"]
        for problem in problems or ()
        if problem.get("place") == place or problem.get("place", "").startswith(f"{place}[")
    ]
