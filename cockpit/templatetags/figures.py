"""Numbers and small figures drawn by the server. Knows no models."""

from collections.abc import Iterable, Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cockpit.templatetags.states import look

register = template.Library()

NARROW_SPACE = "\u202f"


@register.filter
def grouped(number: int | None) -> str:
    """Return `40 643` for 40643, with narrow spaces that do not break."""
    return "" if number is None else f"{number:,}".replace(",", NARROW_SPACE)


@register.simple_tag
def share_bar(shares: Iterable[tuple[str, int]], label: str) -> SafeString:
    """Return a bar divided by (state, count) pairs; the label says the same in words."""
    counted = [(state, count) for state, count in shares if count]
    total = sum(count for _, count in counted) or 1
    left, parts = 0.0, []
    for state, count in counted:
        width = count * 1000 / total
        parts.append((look(state).hue, f"{left:.1f}", f"{max(width - 2, 1):.1f}"))
        left += width
    return format_html(
        '<svg class="share-bar" viewBox="0 0 1000 16" preserveAspectRatio="none" role="img"'
        ' aria-label="{}">{}</svg>',
        label,
        format_html_join("", '<rect class="st-{}" x="{}" y="0" width="{}" height="16"/>', parts),
    )


@register.simple_tag
def columns(values: Sequence[float], label: str, state: str = "running") -> SafeString:
    """Return upright bars, the highest filling the height; the label says the same in words."""
    top, slot = max(values, default=0) or 1, 1000 / max(len(values), 1)
    bars = [
        (
            f"{i * slot:.1f}",
            f"{46 - 46 * value / top:.1f}",
            f"{slot * 0.75:.1f}",
            f"{46 * value / top:.1f}",
        )
        for i, value in enumerate(values)
    ]
    return format_html(
        '<svg class="columns st-{}" viewBox="0 0 1000 46" preserveAspectRatio="none" role="img"'
        ' aria-label="{}">{}</svg>',
        look(state).hue,
        label,
        format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}"/>', bars),
    )
