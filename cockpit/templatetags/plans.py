"""The states of planned orders as the pages show them: the one state language, other words."""

from django import template
from django.utils.safestring import SafeString

from cockpit.pages.addresses import order_at
from cockpit.pages.plan_filtering import word_of
from cockpit.pages.plan_lines import LOOKS
from cockpit.templatetags.states import state_badge
from dailyplan.state import PlanState

register = template.Library()


@register.simple_tag
def plan_state(name: str) -> SafeString:
    """Return the badge of the state of a planned order."""
    state = PlanState[name.upper()]
    return state_badge(LOOKS[state], word_of(state))


@register.simple_tag
def order_href(order_id: str) -> str:
    """Return the address of an order at the controller."""
    return order_at(order_id)


@register.filter
def plan_word(name: str) -> str:
    """Return what pages call a state of planned orders."""
    return word_of(PlanState[name.upper()])
