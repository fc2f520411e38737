"""Hypothesis strategies for workflow documents that are right: in shape and in meaning."""

from functools import cache
from typing import Any

from hypothesis import strategies as st

from engine.workflow.model import (
    AddOrder,
    AdmissionTime,
    Block,
    Branch,
    Break,
    BuiltIn,
    Case,
    CaseWhen,
    ConsumeNotices,
    Cycle,
    Demand,
    Execute,
    ExpectNotices,
    Fail,
    Finish,
    Fork,
    ForkList,
    If,
    ImplicitEnd,
    Instruction,
    Job,
    ListParameter,
    Lock,
    Options,
    OrderPreparation,
    Parameter,
    PostNotices,
    Prompt,
    PythonScript,
    Retry,
    ReturnCodeMeaning,
    Segment,
    ShellScript,
    Sleep,
    Stop,
    Try,
    Workflow,
)
from timetable.scheme import (
    AdmissionTimeScheme,
    Continuous,
    CycleSchedule,
    DailyPeriod,
    MonthlyDatePeriod,
    MonthlyLastDatePeriod,
    MonthlyLastWeekdayPeriod,
    MonthlyWeekdayPeriod,
    MonthRestriction,
    Periodic,
    RestrictedScheme,
    Scheme,
    SpecificDatePeriod,
    Ticking,
    WeekdayPeriod,
)

DEEPEST = 3
JOB_NAMES = ("load", "load.eu", "check-2")

names = st.from_regex(r"[a-z][a-z0-9]{0,5}([.-][a-z0-9]{1,3})?", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
expressions = st.sampled_from(["true", "1 + 2", "$a == 'x'", '"to $a"', "'raw'", "missing ? 3"])
seconds = st.integers(0, 10**8)

plain_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | expressions,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=5,
)
arguments = st.dictionaries(names, plain_values, max_size=2)
code_lists = st.lists(st.integers(0, 255), max_size=3).map(tuple) | st.sampled_from(
    ["0..3,7", "1", "none", "-1..0"]
)
return_codes = st.one_of(
    st.builds(ReturnCodeMeaning, success=code_lists | st.none()),
    st.builds(ReturnCodeMeaning, failure=code_lists | st.none()),
)


durations = st.integers(1, 24 * 3600)
periods = st.one_of(
    st.builds(DailyPeriod, st.integers(0, 86_399), durations),
    st.builds(WeekdayPeriod, st.integers(0, 604_799), durations),
    st.builds(MonthlyDatePeriod, st.integers(0, 86_400 * 28), durations),
    st.builds(MonthlyLastDatePeriod, st.integers(-86_400 * 28, 0), durations),
    st.builds(MonthlyWeekdayPeriod, st.integers(0, 604_800), durations),
    st.builds(MonthlyLastWeekdayPeriod, st.integers(-604_800, -1), durations),
    st.builds(SpecificDatePeriod, st.integers(0, 2**33), durations),
)
period_lists = st.lists(periods, max_size=2).map(tuple)
restrictions = st.none() | st.builds(
    MonthRestriction, st.lists(st.integers(1, 12), min_size=1, unique=True).map(tuple)
)
admission_schemes = st.builds(
    AdmissionTimeScheme,
    period_lists,
    st.lists(st.builds(RestrictedScheme, restrictions, period_lists), max_size=1).map(tuple),
)
repeats = st.one_of(
    st.builds(Periodic, st.just(3600), st.sampled_from([(0,), (0, 1200, 2400)])),
    st.builds(Ticking, durations),
    st.builds(Continuous, durations, st.none() | st.integers(1, 9)),
)
schedules = st.builds(
    CycleSchedule,
    st.lists(st.builds(Scheme, repeats, st.none() | admission_schemes), min_size=1, max_size=2).map(
        tuple
    ),
)
board_expressions = st.sampled_from(["'a'", "'a' && 'b'", "'a' && ('b' || 'c')", "('a')||'b'"])
scripts = st.builds(
    ShellScript,
    script=texts.map(lambda text: "#!/bin/sh\n" + text),
    env=st.dictionaries(st.sampled_from(["A", "B_2", "path"]), expressions, max_size=2),
    v1_compatible=st.booleans(),
    return_code_meaning=st.none() | return_codes,
)
executables = st.one_of(
    scripts,
    st.builds(
        PythonScript,
        script=st.just("print(a)"),
        arguments=st.dictionaries(st.sampled_from(["a", "b"]), plain_values, max_size=2),
        interpreter=st.none() | st.just("python3"),
    ),
    st.builds(PythonScript, callable=st.sampled_from(["close:day", "a.b:C.d"])),
    st.builds(
        BuiltIn,
        kind=st.just("Http"),
        arguments=st.sampled_from([{"url": "'http://a/'"}, {"url": "$u", "timeout": 3}]),
    ),
)


@cache
def jobs(*, whole: bool) -> st.SearchStrategy[Job]:
    """Return jobs with any of their fields; unless `whole`, scripts that run at any time."""
    beyond: dict[str, Any] = {
        "subagent_cluster_id": st.none() | names,
        "admission_time_scheme": st.none() | admission_schemes,
        "skip_if_no_admission_for_order_day": st.booleans(),
        "kill_at_end_of_admission_period": st.booleans(),
    }
    return st.builds(
        Job,
        agent_name=names,
        executable=executables if whole else scripts,
        parallelism=st.integers(1, 1000),
        timeout=st.none() | st.integers(1, 10**8),
        grace_timeout=st.none() | seconds,
        fail_on_err_written=st.booleans(),
        default_arguments=arguments,
        job_resource_names=st.lists(names, max_size=2).map(tuple),
        title=st.none() | texts,
        criticality=st.sampled_from(["NORMAL", "CRITICAL", "MINOR", "MAJOR"]),
        warn_if_longer=st.sampled_from([None, "30", "00:00:30", "20%"]),
        is_not_restartable=st.booleans(),
        **(beyond if whole else {}),
    )


@cache
def parameters() -> st.SearchStrategy[Parameter]:
    """Return declared order variables."""
    numbers = st.none() | st.integers(0, 9)
    columns = st.builds(ListParameter, type=st.just("Number"), default=numbers)
    facets = st.sampled_from([None, "[a-z]*"])
    return st.one_of(
        st.builds(Parameter, default=st.none() | expressions, facet=facets),
        st.builds(Parameter, final=expressions),
        st.builds(Parameter, type=st.just("Number"), default=numbers),
        st.builds(Parameter, type=st.just("Boolean"), default=st.booleans()),
        st.builds(
            Parameter,
            type=st.just("List"),
            list_parameters=st.dictionaries(names, columns, max_size=2),
        ),
    )


@cache
def instructions(
    depth: int, job_names: tuple[str, ...], *, whole: bool
) -> st.SearchStrategy[Instruction]:
    """Return instructions with blocks nested at most `depth` deep.

    Unless `whole`, only those that need nothing but jobs.
    """
    simple: list[st.SearchStrategy[Any]] = [
        st.builds(Finish, message=st.none() | texts, unsuccessful=st.booleans()),
        st.builds(
            Fail,
            message=st.none() | expressions,
            outcome=st.none() | st.just({"returnCode": 7}),
            uncatchable=st.booleans(),
        ),
    ]
    if whole:
        simple += _waiting()
    if job_names:
        simple.append(
            st.builds(Execute, job_name=st.sampled_from(job_names), default_arguments=arguments)
        )
    deeper = depth and [*simple, *_nested(depth, job_names, whole=whole)]
    return st.one_of(deeper or simple)


def _waiting() -> list[st.SearchStrategy[Any]]:
    return [
        st.builds(Stop),
        st.builds(Prompt, question=expressions),
        st.builds(Sleep, duration=expressions),
        st.builds(
            PostNotices,
            notice_board_names=st.lists(names, min_size=1, max_size=2, unique=True).map(tuple),
            arguments=arguments,
        ),
        st.builds(ExpectNotices, board_expressions, st.sampled_from(["Wait", "DontWait"])),
        st.builds(
            AddOrder,
            workflow_name=names,
            arguments=arguments,
            remain_when_terminated=st.booleans(),
            start_position=st.sampled_from([None, "a label", (0, "then", 1)]),
            end_positions=st.sampled_from([(), ("a label", [1])]),
            block_position=st.sampled_from([None, (0, "then")]),
            priority=st.integers(-9, 9),
            tags=st.lists(names, max_size=2).map(tuple),
        ),
    ]


def _nested(depth: int, job_names: tuple[str, ...], *, whole: bool) -> list[st.SearchStrategy[Any]]:
    block = blocks(depth - 1, job_names, whole=whole)
    branch_ids = st.lists(names, min_size=1, max_size=3, unique=True)
    attempts: dict[str, Any] = {
        "max_tries": st.none() | st.integers(1, 9),
        "retry_delays": st.lists(seconds, max_size=2).map(tuple),
    }
    return [
        st.builds(If, predicate=expressions, then=block, else_=st.none() | block),
        st.builds(
            CaseWhen,
            cases=st.lists(st.builds(Case, expressions, block), min_size=1, max_size=2).map(tuple),
            else_=st.none() | block,
        ),
        branch_ids.flatmap(lambda ids: _forks(ids, block)),
        st.builds(Try, try_=block, catch=block.map(_with_retry), **attempts),
        st.builds(Retry, try_=block, catch=st.none() | block, **attempts),
        *(_held(block) if whole else ()),
    ]


def _held(block: st.SearchStrategy[Block]) -> list[st.SearchStrategy[Any]]:
    return [
        st.builds(
            ForkList,
            workflow=block,
            children=expressions,
            child_to_id=st.sampled_from(["x => $x", "(x, i) => $i"]),
            join_if_failed=st.booleans(),
        ),
        st.builds(
            Lock,
            locked_workflow=block,
            demands=st.lists(
                st.builds(Demand, names, st.none() | st.integers(1, 9)),
                min_size=1,
                max_size=2,
                unique_by=lambda demand: demand.lock_name,
            ).map(tuple),
        ),
        st.builds(Lock, locked_workflow=block, lock_name=names, count=st.none() | st.just(1)),
        st.builds(ConsumeNotices, board_expressions, block),
        st.builds(
            Cycle,
            cycle_workflow=block.map(_with_break),
            schedule=schedules,
            only_one_period=st.booleans(),
        ),
        st.builds(Options, block, st.booleans()),
        st.builds(AdmissionTime, block, admission_schemes, st.booleans()),
        st.builds(Segment, block),
    ]


@cache
def blocks(depth: int, job_names: tuple[str, ...], *, whole: bool) -> st.SearchStrategy[Block]:
    """Return blocks without results, possibly empty, some with their end spelled out."""
    end = st.sampled_from([(), (ImplicitEnd(),)])
    steps = st.lists(instructions(depth, job_names, whole=whole), max_size=2).map(tuple)
    return st.builds(lambda inner, last: Block(inner + last), steps, end)


def _forks(ids: list[str], block: st.SearchStrategy[Block]) -> st.SearchStrategy[Fork]:
    branches = st.tuples(*(_branches(name, block) for name in ids))
    return st.builds(Fork, branches=branches, join_if_failed=st.booleans())


def _branches(name: str, block: st.SearchStrategy[Block]) -> st.SearchStrategy[Branch]:
    def with_result(inner: Block) -> Branch:
        return Branch(name, Block(inner.instructions, {f"r.{name}": "$a"}))

    return st.builds(Branch, st.just(name), block) | block.map(with_result)


def _with_retry(block: Block) -> Block:
    return Block((Retry(), *block.instructions))


def _with_break(block: Block) -> Block:
    return Block((If("$a", Block((Break(),))), *block.instructions))


@st.composite
def workflows(draw: st.DrawFn, *, whole: bool = False) -> Workflow:
    """Return workflows that `read_workflow` accepts and `check_workflow` finds no error in.

    With `whole` they use the whole language, else only what an order can walk without other
    objects and people.
    """
    job_names = JOB_NAMES[: draw(st.integers(0, len(JOB_NAMES)))]
    found = {name: draw(jobs(whole=whole)) for name in job_names}
    depth = draw(st.integers(0, DEEPEST))
    top = draw(st.lists(instructions(depth, job_names, whole=whole), max_size=3))
    return Workflow(
        instructions=tuple(top),
        jobs=found,
        time_zone=draw(st.sampled_from(["Etc/UTC", "Europe/Berlin"])),
        day_offset=draw(st.sampled_from([None, "06:00:00"])),
        title=draw(st.none() | texts),
        order_preparation=draw(
            st.none()
            | st.builds(
                OrderPreparation,
                parameters=st.dictionaries(names, parameters(), max_size=3),
                allow_undeclared=st.booleans(),
            )
        ),
        job_resource_names=tuple(draw(st.lists(names, max_size=2))),
    )
