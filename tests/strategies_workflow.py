"""Hypothesis strategies for workflow documents that are right: in shape and in meaning."""

from typing import Any

from hypothesis import strategies as st

from engine.workflow.model import (
    Block,
    Branch,
    Case,
    CaseWhen,
    Execute,
    Fail,
    Finish,
    Fork,
    If,
    ImplicitEnd,
    Instruction,
    Job,
    ListParameter,
    OrderPreparation,
    Parameter,
    Retry,
    ReturnCodeMeaning,
    ShellScript,
    Try,
    Workflow,
)

DEEPEST = 4

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


def jobs() -> st.SearchStrategy[Job]:
    """Return jobs with any of their fields."""
    return st.builds(
        Job,
        agent_name=names,
        executable=st.builds(
            ShellScript,
            script=texts.map(lambda text: "#!/bin/sh\n" + text),
            env=st.dictionaries(st.sampled_from(["A", "B_2", "path"]), expressions, max_size=2),
            v1_compatible=st.booleans(),
            return_code_meaning=st.none() | return_codes,
        ),
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
    )


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


def instructions(depth: int, job_names: tuple[str, ...]) -> st.SearchStrategy[Instruction]:
    """Return instructions with blocks nested at most `depth` deep."""
    simple: list[st.SearchStrategy[Any]] = [
        st.builds(Finish, message=st.none() | texts, unsuccessful=st.booleans()),
        st.builds(
            Fail,
            message=st.none() | expressions,
            outcome=st.none() | st.just({"returnCode": 7}),
            uncatchable=st.booleans(),
        ),
    ]
    if job_names:
        simple.append(
            st.builds(Execute, job_name=st.sampled_from(job_names), default_arguments=arguments)
        )
    return st.one_of(simple) if depth == 0 else st.one_of(*simple, *_nested(depth, job_names))


def _nested(depth: int, job_names: tuple[str, ...]) -> list[st.SearchStrategy[Any]]:
    block = blocks(depth - 1, job_names)
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
    ]


def blocks(depth: int, job_names: tuple[str, ...]) -> st.SearchStrategy[Block]:
    """Return blocks without results, possibly empty, some with their end spelled out."""
    end = st.sampled_from([(), (ImplicitEnd(),)])
    steps = st.lists(instructions(depth, job_names), max_size=2).map(tuple)
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


@st.composite
def workflows(draw: st.DrawFn) -> Workflow:
    """Return workflows that `read_workflow` accepts and `check_workflow` finds no error in."""
    found = draw(st.dictionaries(names, jobs(), max_size=3))
    top = draw(st.lists(instructions(draw(st.integers(0, DEEPEST)), tuple(found)), max_size=4))
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
