"""The dependencies of a plan day: a drawing of who waits for whom, and the same as a table."""

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cockpit.access.account import Actor
from cockpit.pages.plan_day import DayAsked, plan_view, show_day
from cockpit.pages.plan_filtering import word_of
from cockpit.pages.plan_layers import HEIGHT, WIDTH, Edge, drawn
from cockpit.pages.plan_net import MOST_NODES, Net, Node, net_of
from cockpit.templatetags.icons import icon
from cockpit.templatetags.states import look as look_of
from dailyplan.state import PlanState

_LONGEST = 28
_SHOWN = 2


@plan_view("deps")
def plan_deps(request: HttpRequest, actor: Actor, asked: DayAsked) -> HttpResponse:
    """Show which workflows of the day wait for which."""
    net = Net({}, [], [], cut=False)
    if not asked.wanted.problems:
        net = net_of(actor.account, asked.filter_for(actor.account))
    context = {
        "net": net,
        "picture": picture(net) if net.nodes else "",
        "most": MOST_NODES,
    }
    return show_day(request, actor, asked, "deps.html", context)


def picture(net: Net) -> SafeString:
    """Return the graph as SVG; each node is a link."""
    drawing = drawn(net.nodes, net.edges)
    nodes = [_node(net.nodes[place.name], place.x, place.y) for place in drawing.nodes]
    edges = [(_css(edge), path, _said(edge)) for edge, path in drawing.paths]
    return format_html(
        '<svg class="net" width="{}" height="{}" viewBox="0 0 {} {}" role="group"'
        ' aria-label="Who waits for whom"><defs><marker id="net-head" viewBox="0 0 8 8" refX="2"'
        ' refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"/>'
        "</marker></defs>{}{}</svg>",
        drawing.width, drawing.height, drawing.width, drawing.height,
        format_html_join(
            "", '<path class="net-edge {}" d="{}" marker-end="url(#net-head)"><title>{}</title>'
            "</path>", edges,
        ),
        format_html_join("", "{}", ((node,) for node in nodes)),
    )  # fmt: skip


def _node(node: Node, x: int, y: int) -> SafeString:
    hue = f" st-{look_of(node.look).hue}" if node.look else ""
    empty = " net-absent" if node.kind == "workflow" and not node.planned else ""
    symbol = "megaphone" if node.kind == "board" else look_of(node.look or "planned").icon
    return format_html(
        '<a href="{}" class="net-node net-{}{}{}"><title>{} {}</title><rect x="{}" y="{}"'
        ' width="{}" height="{}" rx="{}"/><rect class="net-stripe" x="{}" y="{}" width="4"'
        ' height="{}"/><svg x="{}" y="{}" width="14" height="14">{}</svg><text x="{}" y="{}">{}'
        '</text><text class="net-said" x="{}" y="{}">{}</text></a>',
        node.href, node.kind, hue, empty, node.kind, node.name,
        x, y, WIDTH, HEIGHT, HEIGHT // 2 if node.kind == "board" else 5,
        x, y + 4, HEIGHT - 8 if node.kind == "workflow" else 0,
        x + 12, y + 8, icon(symbol), x + 32, y + 19, _short(node.name),
        x + 32, y + 35, _told(node),
    )  # fmt: skip


def _told(node: Node) -> str:
    """Return the states that matter most, as far as they fit below the name."""
    if node.kind == "board":
        return "notice board"
    if not node.planned:
        return "not on this day"
    told = [f"{count} {word_of(PlanState[word.upper()])}" for word, count in node.states.items()]
    more = f" +{len(told) - _SHOWN}" if len(told) > _SHOWN else ""
    return ", ".join(told[:_SHOWN]) + more


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else "…" + name[-_LONGEST + 1 :]


def _said(edge: Edge) -> str:
    return (
        f"{edge.before} {edge.kind} {edge.after}"
        if edge.kind != "expects"
        else (f"{edge.after} expects {edge.before}")
    )


def _css(edge: Edge) -> str:
    return "net-adds" if edge.kind == "adds an order" else "net-notice"
