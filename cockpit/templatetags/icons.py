"""Icons of the sprite. Knows no states and no pages."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

SPRITE = "cockpit/img/icons.svg"


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """Return the icon as SVG; with a label it speaks for itself, without it is decoration."""
    return format_html(
        '<svg class="icon{}"{}><use href="{}#{}"/></svg>',
        f" {css}" if css else "",
        format_html(' role="img" aria-label="{}"', label) if label else _DECORATION,
        static(SPRITE),
        name,
    )


@register.simple_tag
def sprite_url() -> str:
    """Return the address of the sprite, for scripts that draw icons."""
    return static(SPRITE)


_DECORATION = format_html(' aria-hidden="{}"', "true")
