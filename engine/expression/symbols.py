"""The names an expression knows without anybody giving them.

Knows no values: a scope answers for each symbol.
"""

from typing import Final

SYMBOLS: Final = frozenset(
    {
        "orderId",
        "workflowPath",
        "workflowPosition",
        "workflow.timezone",
        "label",
        "controllerId",
        "tryCount",
        "maxTries",
        "catch",
        "timedOut",
        "jobName",
        "jobExecutionCount",
        "job",
    }
)
"""What `Scope.symbol` is asked for. The last three have only `$js7…` names in a text."""

WRITTEN: Final = SYMBOLS - {"jobName", "jobExecutionCount", "job"}
"""The symbols a text may contain as bare words."""

BUILT_IN: Final = {
    "js7OrderId": "orderId",
    "js7WorkflowPath": "workflowPath",
    "js7WorkflowPosition": "workflowPosition",
    "js7WorkflowTimezone": "workflow.timezone",
    "js7Label": "label",
    "js7ControllerId": "controllerId",
    "js7TryCount": "tryCount",
    "js7MaxTries": "maxTries",
    "js7JobName": "jobName",
    "js7JobExecutionCount": "jobExecutionCount",
    "js7Job": "job",
}
"""The symbol behind each built-in variable. `job` is an object of facts of the job."""

CLOCKS: Final = {"js7EpochMilli": 1_000, "js7EpochSecond": 1_000_000}
"""Built-in variables read from the clock, with microseconds per unit; whole units."""
