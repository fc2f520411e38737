"""Any number of members on one lease in simulated time: pauses, cut-offs, slow answers.

The row is changed only by compare-and-swap, as in the database. What must hold: no two members may
act at the same moment, terms only rise, and a quiet cluster gets a holder within the promised time.
"""

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cluster.lease import CONTROLLER, Decider, Held, Phase, Seen, Token

TICK_S = 0.05
NODES = ("anne", "bert", "carl")


@dataclass
class Player:
    """A member: its decider, what it holds, and what is wrong with it now."""

    node: str
    decider: Decider
    held: Held | None = None
    frozen_until_s: float = 0.0
    cut_until_s: float = 0.0
    next_s: float = 0.0
    answer: Seen | None = field(default=None)
    answer_at_s: float = 0.0

    def may_act(self, now_s: float) -> bool:
        return self.held is not None and self.held.covers(now_s) and now_s >= self.frozen_until_s


class Cluster:
    """One lease row and its players; `self_fence` off is the negative control."""

    def __init__(self, *, self_fence: bool = True) -> None:
        self.now_s = 0.0
        self.row = Seen(term=0, beat=0, holder=None, phase=Phase.RELEASED)
        self.players = [
            # All of one rank: nothing but silence keeps them apart.
            Player(node, Decider(node, CONTROLLER))
            for node in NODES
        ]
        self.self_fence = self_fence
        self.delay_s = 0.0

    def tick(self) -> None:
        self.now_s += TICK_S
        for player in self.players:
            if self.now_s >= max(player.next_s, player.frozen_until_s):
                self._round(player)

    def _round(self, player: Player) -> None:
        if self.now_s < player.cut_until_s:
            player.decider.blind()
            player.answer = None
            player.next_s = self.now_s + 0.1
        elif player.held:
            self._beat(player, player.held)
        else:
            self._look(player)

    def _beat(self, player: Player, held: Held) -> None:
        player.next_s = self.now_s + CONTROLLER.beat_s
        if (self.row.term, self.row.holder) != (held.token.term, held.token.holder):
            player.held = None
            player.decider.blind()
            return
        self._change(beat=self.row.beat + 1)
        player.held = held.renewed(self.now_s, CONTROLLER)

    def _look(self, player: Player) -> None:
        # The answer to the last question arrives `delay_s` after the row was read.
        if player.answer is None:
            player.answer, player.answer_at_s = self.row, self.now_s + self.delay_s
        if self.now_s < player.answer_at_s:
            player.next_s = self.now_s + TICK_S
            return
        seen, player.answer = player.answer, None
        player.next_s = self.now_s + CONTROLLER.poll_s
        if player.decider.observe(seen, self.now_s).take and seen == self.row:
            self._change(term=seen.term + 1, beat=seen.beat + 1, holder=player.node)
            token = Token("controller", self.row.term, player.node)
            player.held = Held(token, 0.0).renewed(self.now_s, CONTROLLER)
            if not self.self_fence:
                player.held = Held(token, float("inf"))

    def _change(self, *, beat: int, term: int | None = None, holder: str | None = None) -> None:
        term_now = self.row.term if term is None else term
        self.row = Seen(term_now, beat, holder or self.row.holder, Phase.ACTIVE)

    def actors(self) -> list[str]:
        return [player.node for player in self.players if player.may_act(self.now_s)]


class LeaseMachine(RuleBasedStateMachine):
    """Faults of any length at any time."""

    @initialize(delay_s=st.sampled_from([0.0, 0.05, 0.4]))
    def begin(self, delay_s: float) -> None:
        self.cluster = Cluster()
        self.cluster.delay_s = delay_s
        self.term = 0

    @rule(seconds=st.floats(0.05, 6))
    def time_passes(self, seconds: float) -> None:
        for _ in range(int(seconds / TICK_S)):
            self.cluster.tick()
            self.check()

    @rule(who=st.integers(0, 2), seconds=st.floats(0.05, 12))
    def a_member_freezes(self, who: int, seconds: float) -> None:
        self.cluster.players[who].frozen_until_s = self.cluster.now_s + seconds

    @rule(who=st.integers(0, 2), seconds=st.floats(0.05, 12))
    def a_member_is_cut_off(self, who: int, seconds: float) -> None:
        self.cluster.players[who].cut_until_s = self.cluster.now_s + seconds

    @rule(who=st.integers(0, 2))
    def a_member_dies_and_starts_again(self, who: int) -> None:
        node = NODES[who]
        self.cluster.players[who] = Player(node, Decider(node, CONTROLLER))

    @rule()
    def a_quiet_cluster_gets_a_holder_within_five_seconds(self) -> None:
        for player in self.cluster.players:
            player.frozen_until_s = player.cut_until_s = self.cluster.now_s
        for _ in range(int(5 / TICK_S)):
            self.cluster.tick()
            self.check()
        assert len(self.cluster.actors()) == 1

    @invariant()
    def check(self) -> None:
        if not hasattr(self, "cluster"):
            return
        assert len(self.cluster.actors()) <= 1
        assert self.cluster.row.term >= self.term
        self.term = self.cluster.row.term


TestLeaseMachine = LeaseMachine.TestCase
TestLeaseMachine.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)


def test_without_the_self_fence_two_members_may_act_at_once() -> None:
    """Negative control: the invariant above can fail."""
    assert both_act_after_a_cut(self_fence=False)
    assert not both_act_after_a_cut(self_fence=True)


def both_act_after_a_cut(*, self_fence: bool) -> bool:
    cluster = Cluster(self_fence=self_fence)
    cluster.tick()
    (holder,) = cluster.actors()
    next(p for p in cluster.players if p.node == holder).cut_until_s = 60.0
    crowds = []
    for _ in range(int(10 / TICK_S)):
        cluster.tick()
        crowds.append(len(cluster.actors()))
    return max(crowds) > 1


def test_a_healthy_holder_is_never_replaced() -> None:
    cluster = Cluster()
    for _ in range(int(120 / TICK_S)):
        cluster.tick()
    assert cluster.row.term == 1
