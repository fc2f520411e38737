"""The picture of who is connected with whom."""

from xml.etree import ElementTree

from cockpit.pages.topology import MOST_IN_ROW, Box, topology


def test_rows_are_linked_to_the_leader_above() -> None:
    picture = topology(
        [[Box("c1", "standby", ""), Box("c2", "active", "")], [], [Box("a1", "coupled", "")]]
    )
    tree = ElementTree.fromstring(picture)  # noqa: S314  # our own drawing
    links = [e.get("d", "") for e in tree.iter() if "link" in (e.get("class") or "")]
    assert len(links) == 1
    second = [e for e in tree.iter() if e.get("class") == "box"][1]
    assert links[0].startswith(f"M{float(second.get('x', '0')) + 74:.0f},")


def test_names_are_escaped() -> None:
    assert "<script>" not in topology([[Box("<script>", "active", "<b>&")]])


def test_a_long_row_shows_first_what_is_not_well() -> None:
    boxes = [Box(f"a{n}", "coupled", "") for n in range(9)] + [Box("bad", "unreachable", "")]
    picture = topology([boxes])
    assert picture.count('class="box"') == MOST_IN_ROW
    assert "bad" in picture
    assert "7 more" in picture


def test_nothing_is_drawn_of_nothing() -> None:
    assert topology([[], []]) == ""
