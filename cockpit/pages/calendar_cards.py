"""Rules of calendars and of restrictions as cards: each with its words and its place. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cockpit.pages.calendar_places import is_at
from cockpit.pages.calendar_rules import KINDS, RuleKind
from timetable.calendar import Frequencies
from timetable.calendar_words import counted_rule_words, rule_words, rules_words
from timetable.phrases import MONTHS, listed, many

MOST_SHOWN = 8

_DIRECT = ("weekdays", "monthdays", "ultimos", "repetitions", "holidays", "easter")


class Card(NamedTuple):
    """A rule; `place` is where it stands, `lines` tell more, `cards` are rules within months."""

    place: str
    kind: RuleKind
    words: str
    lines: tuple[str, ...] = ()
    cards: tuple["Card", ...] = ()
    problems: tuple[str, ...] = ()


Named = Callable[[str], Sequence[str]]
"""Tells the public holidays of a national calendar, a line each."""


def cards_of(
    rules: Frequencies, base: str, *, counted: bool = False, named: Named = lambda label: ()
) -> list[Card]:
    """Return a card for each rule; single dates are one, and so are the rules within months.

    Args:
        rules: `includes` or `excludes`.
        base: their place, as `includes`.
        counted: whether they count in the days of a calendar, as those of a schedule do.
        named: for holidays whose dates are not written down.
    """
    return [*_cards(rules, base, counted_rule_words if counted else rule_words, named)]


def with_problems(
    cards: Sequence[Card], problems: Sequence[Mapping[str, str]]
) -> tuple[list[Card], list[Mapping[str, str]]]:
    """Return the cards with the problems at or within them, and the problems left over."""
    left = list(problems)
    found = []
    for card in cards:
        inner, left = with_problems(card.cards, left)
        mine = [p for p in left if is_at(p["place"], card.place)]
        left = [p for p in left if p not in mine]
        told = tuple(p["text"] for p in mine)
        found.append(card._replace(cards=tuple(inner), problems=told))
    return found, left


def numbered(cards: Sequence[Card]) -> dict[str, int]:
    """Return for the place of each card its number on the page, from 1."""
    flat = (inner for card in cards for inner in (card, *card.cards))
    return {card.place: number for number, card in enumerate(flat, 1)}


def _cards(rules: Frequencies, base: str, words: Any, named: Named) -> Iterator[Card]:
    for name in _DIRECT:
        for i, rule in enumerate(getattr(rules, name)):
            lines = _holiday_lines(rule, named) if name == "holidays" else ()
            yield Card(f"{base}.{name}[{i}]", KINDS[name], _begun(words(rules, (name, i))), lines)
    for i, months in enumerate(rules.months):
        at = f"{base}.months[{i}]"
        chosen = [MONTHS[(month - 1) % 12] for month in months.months]
        inner = tuple(
            Card(f"{at}.{name}[{j}]", KINDS[name], _begun(words(rules, ("months", i, name, j))))
            for name in ("weekdays", "monthdays", "ultimos", "repetitions")
            for j in range(len(getattr(months, name)))
        )
        said = f"In {listed(chosen)}" if chosen else "In no month"
        yield Card(at, KINDS["months"], said, _window_lines(months), inner)
    if rules.dates:
        said = _begun(rules_words(Frequencies(dates=rules.dates))[0])
        yield Card(f"{base}.dates", KINDS["dates"], said, _date_lines(rules.dates))
    for i, name in enumerate(rules.non_working_day_calendars):
        place = f"{base}.nonWorkingDayCalendars[{i}]"
        yield Card(place, KINDS["nonWorkingDayCalendars"], f"On days of {name}")


def _holiday_lines(rule: Any, named: Named) -> tuple[str, ...]:
    if rule.dates:
        frozen = "dates as written here" if rule.national_calendar else ""
        return tuple(filter(None, (frozen, *_date_lines(rule.dates))))
    return tuple(named(rule.national_calendar or ""))


def _date_lines(dates: Sequence[Any]) -> tuple[str, ...]:
    if len(dates) <= 5:
        return ()
    shown = ", ".join(str(day) for day in dates[:MOST_SHOWN])
    more = len(dates) - MOST_SHOWN
    return (f"{shown} and {many(more, 'more date')}" if more > 0 else shown,)


def _window_lines(rule: Any) -> tuple[str, ...]:
    begin = f"from {rule.from_day}" if rule.from_day else ""
    end = f"to {rule.to_day}" if rule.to_day else ""
    said = " ".join(filter(None, (begin, end)))
    return (said,) if said else ()


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]
