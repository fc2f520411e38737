"""The one state language of the pages: icon and word always, hue = family, fill = urgency."""

from enum import Enum
from typing import NamedTuple

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cockpit.templatetags.icons import icon

register = template.Library()


class Fill(Enum):
    """How loud a badge is."""

    SOLID = "solid"  # a person must act
    TINT = "tint"  # the machine is on it
    DASHED = "dashed"  # not real yet, or no longer


class Look(NamedTuple):
    """How a state is shown: the hue's class, the icon, the fill."""

    hue: str
    icon: str
    fill: Fill


STATES = {
    "planned": Look("planned", "circle-dashed", Fill.DASHED),
    "scheduled": Look("scheduled", "calendar-clock", Fill.TINT),
    "pending": Look("scheduled", "calendar-clock", Fill.TINT),
    "ready": Look("ready", "circle-arrow-right", Fill.TINT),
    "running": Look("running", "loader", Fill.TINT),
    "waiting": Look("waiting", "hourglass", Fill.TINT),
    "prompting": Look("prompting", "message-circle-question-mark", Fill.SOLID),
    "suspended": Look("suspended", "circle-pause", Fill.SOLID),
    "failed": Look("failed", "octagon-x", Fill.SOLID),
    "blocked": Look("blocked", "ban", Fill.SOLID),
    "finished": Look("finished", "circle-check", Fill.TINT),
    "cancelled": Look("cancelled", "circle-slash", Fill.DASHED),
}
"""The groups of order states, in the order in which pages list them."""

CONDITIONS = {
    "coupled": Look("finished", "circle-check", Fill.TINT),
    "active": Look("finished", "circle-check", Fill.TINT),
    "standby": Look("scheduled", "clock", Fill.TINT),
    "coupling": Look("waiting", "hourglass", Fill.TINT),
    "resetting": Look("suspended", "refresh-cw", Fill.TINT),
    "disabled": Look("cancelled", "circle-slash", Fill.DASHED),
    "unreachable": Look("failed", "octagon-x", Fill.SOLID),
    "lost": Look("failed", "octagon-x", Fill.SOLID),
    "stopped": Look("cancelled", "circle-stop", Fill.DASHED),
    "deployed": Look("finished", "circle-check", Fill.TINT),
    "released": Look("finished", "circle-check", Fill.TINT),
    "draft": Look("suspended", "pencil", Fill.TINT),
    "invalid": Look("failed", "triangle-alert", Fill.SOLID),
    "unknown": Look("planned", "circle-question-mark", Fill.DASHED),
}
"""What agents, members, services and documents may be."""


def look(state: str) -> Look:
    """Return how a state or condition is shown; an unknown word looks unknown."""
    return STATES.get(state) or CONDITIONS.get(state) or CONDITIONS["unknown"]


@register.simple_tag(name="state")
def state_badge(state: str, word: str = "") -> SafeString:
    """Return the badge of a state; `word` replaces the text, the look stays."""
    shown = look(state)
    fill = "" if shown.fill is Fill.TINT else f" {shown.fill.value}"
    return format_html(
        '<span class="state st-{}{}">{}{}</span>', shown.hue, fill, icon(shown.icon), word or state
    )


@register.simple_tag
def state_icon(state: str, label: str = "") -> SafeString:
    """Return the bare icon of a state in its hue, for chips and lists that show the word."""
    shown = look(state)
    return icon(shown.icon, label, f"hue st-{shown.hue}")


@register.filter
def hue(state: str) -> str:
    """Return the class that carries the hue of a state, such as `st-failed`."""
    return f"st-{look(state).hue}"


@register.filter
def is_urgent(state: str) -> bool:
    """Return whether a person must act on an order in this state."""
    return look(state).fill is Fill.SOLID
