"""Values that only some agents can read."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from agents.sealed import NotForThisAgent, Opener, SealBroken, seal_value

KEYS = {name: X25519PrivateKey.generate() for name in ("agent-a", "b c,:/")}
SEALED = seal_value(
    "pä=ss", {name: key.public_key().public_bytes_raw() for name, key in KEYS.items()}
)


@pytest.mark.parametrize("name", KEYS)
def test_each_of_the_agents_opens_it_also_within_a_text(name: str) -> None:
    opener = Opener(name, KEYS[name].private_bytes_raw())
    assert opener.open(f"u:{SEALED}@h {SEALED}") == ("u:pä=ss@h pä=ss", ("pä=ss", "pä=ss"))
    assert opener.open("plain") == ("plain", ())


def test_another_agent_cannot_even_with_the_name_of_one() -> None:
    stranger = X25519PrivateKey.generate().private_bytes_raw()
    with pytest.raises(NotForThisAgent, match="agent-a, b c,:/"):
        Opener("c", stranger).open(SEALED)
    with pytest.raises(SealBroken):
        Opener("agent-a", stranger).open(SEALED)
    with pytest.raises(SealBroken, match="join once more"):
        Opener("agent-a", b"").open(SEALED)


def test_a_part_for_one_agent_is_worth_nothing_under_the_name_of_another() -> None:
    key = KEYS["agent-a"].private_bytes_raw()
    with pytest.raises(SealBroken):
        Opener("agent-b", key).open(SEALED.replace("agent-a", "agent-b"))


@pytest.mark.parametrize(
    "text",
    ["enc://", "enc://agent-a:short", SEALED[:40], f"{SEALED} enc://x"],
    ids=["nothing", "too short", "cut off", "followed by another"],
)
def test_what_is_not_whole_is_never_passed_on(text: str) -> None:
    with pytest.raises(SealBroken):
        Opener("agent-a", KEYS["agent-a"].private_bytes_raw()).open(text)


def test_two_seals_of_one_value_differ() -> None:
    key = {"a": KEYS["agent-a"].public_key().public_bytes_raw()}
    assert seal_value("x", key) != seal_value("x", key)
