"""Who may do what, and that the gate knows every table it is asked about."""

import pytest

from cockpit.access.gate import ModelNotGuarded, restrict
from cockpit.access.policy import ANONYMOUS, Account, Verb, folders, may, may_at
from cockpit.models import KeptAnswer

STAFF = Account("ada", staff=True)
VIEWER = Account("vic")


@pytest.mark.parametrize("verb", list(Verb))
def test_staff_may_do_everything_everywhere(verb: Verb) -> None:
    assert folders(STAFF, verb) == ("",)
    assert may_at(STAFF, verb, "any/where")


@pytest.mark.parametrize("verb", list(Verb))
def test_everybody_else_may_look(verb: Verb) -> None:
    assert may(VIEWER, verb) == (verb is Verb.LOOK)
    assert may_at(VIEWER, verb, "any/where") == (verb is Verb.LOOK)


@pytest.mark.parametrize("verb", list(Verb))
def test_who_is_not_active_may_nothing(verb: Verb) -> None:
    assert not may(ANONYMOUS, verb)
    assert not may(Account("ada", active=False, staff=True), verb)


def test_the_scopes_of_a_token_narrow_what_its_person_may() -> None:
    token = Account("ada", staff=True, scopes=frozenset({"operate"}))
    assert [verb for verb in Verb if may(token, verb)] == [Verb.LOOK, Verb.OPERATE]
    assert not may(Account("vic", scopes=frozenset({"operate"})), Verb.OPERATE)


def test_a_table_without_a_rule_is_shown_to_nobody() -> None:
    with pytest.raises(ModelNotGuarded, match="KeptAnswer"):
        restrict(KeptAnswer.objects.all(), STAFF)
