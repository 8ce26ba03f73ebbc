"""What is in the way of a step forward, each by the name of the method and with what to do; and the ladder itself."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest

from crossdock.config.settings import MoveSettings
from crossdock.cutover.gate import methods, obstacles
from crossdock.cutover.ladder import Step, away_from, following, ladder, place, preceding
from crossdock.cutover.tally import Counts
from crossdock.registry import Orm, Registry
from crossdock.stages import ModuleState, Stage
from crossdock.stages.watching import state_of
from tests.cutover.scene import METHODS, MODULE

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
LIMITS = MoveSettings(comparisons_min=10, stage_min_s=60, slower_max=1.5)
READS = ["document", "get", "page"]
AGREED = Counts(
    same=10, control_us=10_000, candidate_us=10_000, control_statements=10, candidate_statements=10, timed=10
)


def moving(stage: Stage, share: int = 0, control: Orm = Orm.TORTOISE) -> ModuleState:
    return ModuleState(MODULE, control=control, stage=stage, share=share, since=NOW - timedelta(seconds=60))


def counted(**changes: int) -> Counts:
    """Enough that agreed, but for what is changed."""
    values = {name: getattr(AGREED, name) for name in Counts.__slots__} | changes
    return Counts(**values)


def in_the_way(registry: Registry, page: Counts, stage: Stage = Stage.SHADOW, age_s: float = 0) -> list[str]:
    """Where all other methods agree often enough."""
    counts = dict.fromkeys(METHODS, AGREED) | {"page": page}
    return list(obstacles(registry, moving(stage), counts, LIMITS, NOW + timedelta(seconds=age_s)))


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (Counts(), "page: no call of it was compared, of 10 that have to (`crossdock move exercise bookings`)."),
        (counted(same=9), "page: 9 calls of it agreed, of 10 that have to (`crossdock move exercise bookings`)."),
        (counted(different=1), "page: 1 mismatch (`crossdock move mismatches bookings`)."),
        (counted(different=2), "page: 2 mismatches (`crossdock move mismatches bookings`)."),
        (counted(noise=1), "page: the control differed from itself 1 time: clean it, or ignore what differs."),
        (counted(noise=2), "page: the control differed from itself 2 times: clean it, or ignore what differs."),
        (
            counted(candidate_us=15_001),
            "page: the candidate takes 1.50 ms, the control 1.00 ms, and 1.5 times as long is allowed.",
        ),
        (
            counted(candidate_statements=11),
            "page: the candidate sends 1.1 statements a call, the control 1.0,"
            " and 1 times the control's are allowed (CROSSDOCK_MOVES__STATEMENTS_MAX).",
        ),
    ],
)
def test_each_obstacle_is_named(registry: Registry, page: Counts, said: str) -> None:
    """The method, what is wrong with it, and what to do."""
    assert in_the_way(registry, page) == [said]


def test_what_differs_is_not_said_to_wait(registry: Registry) -> None:
    """A call that differed is compared again and not timed: that it waited for a lock would be wrong."""
    assert in_the_way(registry, counted(same=9, different=2, timed=9)) == [
        "page: 9 calls of it agreed, of 10 that have to (`crossdock move exercise bookings`).",
        "page: 2 mismatches (`crossdock move mismatches bookings`).",
    ]


@pytest.mark.parametrize("page", [AGREED, counted(candidate_us=15_000), counted(unclear=99, dropped=99)])
def test_nothing_is_in_the_way(registry: Registry, page: Counts) -> None:
    """At the limits; and what was not compared, or said nothing, does not count against anybody."""
    assert in_the_way(registry, page) == []


def test_more_statements_may_be_allowed(registry: Registry) -> None:
    """On the way back: the old store may need more of them than the one that has served since."""
    lenient = LIMITS.model_copy(update={"statements_max": 1.5})
    counts = dict.fromkeys(METHODS, AGREED) | {
        "page": counted(candidate_statements=15),
        "get": counted(candidate_statements=16),
    }
    found = list(obstacles(registry, moving(Stage.SHADOW), counts, lenient, NOW))
    assert [each.partition(":")[0] for each in found] == ["get"]


def test_a_stage_has_to_last(registry: Registry) -> None:
    """However often all agreed."""
    early = list(obstacles(registry, moving(Stage.SHADOW), dict.fromkeys(METHODS, AGREED), LIMITS, NOW))
    assert early == []
    found = in_the_way(registry, AGREED, age_s=-1)
    assert found == ["It has been at this stage for 59 s, of 60 s that it has to be."]


def test_what_was_dropped_is_said(registry: Registry) -> None:
    """Where too few were compared: more calls alone may not help."""
    too_few, dropped = in_the_way(registry, Counts(dropped=1))
    assert too_few.startswith("page: no call of it was compared")
    assert dropped.startswith("page: 1 call of it was dropped: there was no room")


def test_clocks_that_disagree(registry: Registry) -> None:
    """A stage that begins in the future shuts the gate, and says why."""
    (found,) = in_the_way(registry, AGREED, age_s=-90)
    assert found.startswith("It came to this stage 30 s after now: the clock of this machine")


def test_a_stage_without_a_beginning(registry: Registry) -> None:
    """A row that was changed by hand does not open the gate: nothing is counted for it."""
    (found,) = obstacles(registry, replace(moving(Stage.RAMP, 10), since=None), {}, LIMITS, NOW)
    assert found.startswith("Nobody knows since when it is at this stage")


@pytest.mark.parametrize(
    ("control", "stage", "known"),
    [(None, "ramp", (None, None)), ("tortoise", None, (Orm.TORTOISE, Stage.TORTOISE))],
)
def test_half_a_row_that_was_written_by_hand(
    control: str | None, stage: str | None, known: tuple[Orm | None, Stage | None]
) -> None:
    """Without a control nothing moves, and without a stage the control answers."""
    row = asdict(ModuleState(MODULE)) | {"control": control, "stage": stage}
    state = state_of(row)
    assert (state.control, state.stage) == known


def test_each_method_of_the_contract_counts(registry: Registry) -> None:
    """The reads at `shadow`, all from then on; one that nothing has touched is named."""
    module = registry.modules[MODULE]
    assert methods(registry, module, Stage.SHADOW) == READS
    for stage in (Stage.REHEARSE, Stage.RAMP, Stage.SQLALCHEMY):
        assert methods(registry, module, stage) == METHODS
        found = list(obstacles(registry, moving(stage), {}, LIMITS, NOW))
        assert [each.partition(":")[0] for each in found] == METHODS


def test_a_command_that_differs_counts_at_once(registry: Registry) -> None:
    """Also where it need not be compared yet, and of a method that the contract has not any more."""
    counts = dict.fromkeys(READS, AGREED) | {"add": Counts(different=1), "gone": Counts(noise=1)}
    found = list(obstacles(registry, moving(Stage.SHADOW), counts, LIMITS, NOW))
    assert [each.partition(":")[0] for each in found] == ["add", "gone"]


@pytest.mark.parametrize("state", [ModuleState(MODULE), moving(Stage.TORTOISE), moving(Stage.HANDED_OVER)])
def test_what_is_not_compared_has_no_gate(registry: Registry, state: ModuleState) -> None:
    """Neither before a move nor at its beginning nor after its end."""
    assert list(obstacles(registry, state, {}, LIMITS, NOW)) == []


@pytest.mark.parametrize("control", Orm)
def test_each_step_has_its_inverse(control: Orm) -> None:
    """Whichever ORM the path begins with."""
    steps = ladder(control)
    words = [control.value, "shadow", "rehearse", *(f"ramp {share} %" for share in (1, 10, 50, 100))]
    assert [str(step) for step in steps] == [*words, control.other.value]
    for number, step in enumerate(steps):
        state = moving(step.stage, step.share, control)
        assert place(state) == number
        assert following(state) == (steps[number + 1] if number + 1 < len(steps) else None)
        assert preceding(state) == (steps[number - 1] if number else None)


@pytest.mark.parametrize(("share", "at", "next_one"), [(0, 2, 1), (5, 3, 10), (99, 5, 100), (100, 6, 0)])
def test_a_share_that_was_set_by_hand(share: int, at: int, next_one: int) -> None:
    """It counts as the step below."""
    state = moving(Stage.RAMP, share)
    assert place(state) == at
    step = following(state)
    assert step is not None
    assert step.share == next_one


def test_where_a_module_steps_back_to() -> None:
    """Away from where its candidate answers, and from where it does what has failed; from its beginning nowhere."""
    found = {str(step): away_from(moving(step.stage, step.share)) for step in ladder(Orm.TORTOISE)}
    rehearse = Step(Stage.REHEARSE)
    assert found == {
        "tortoise": None,
        "shadow": Step(Stage.TORTOISE),
        "rehearse": Step(Stage.SHADOW),
        **dict.fromkeys(("ramp 1 %", "ramp 10 %", "ramp 50 %", "ramp 100 %", "sqlalchemy"), rehearse),
    }
