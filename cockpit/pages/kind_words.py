"""Kinds of inventory objects as pages speak of them: words, icons, first texts. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from cockpit.pages.addresses import board_at, file_source_at, lock_at, workflow_at
from inventory.kinds import KINDS, Life


class KindWords(NamedTuple):
    """A kind in words. `help` says what it is for, `starter` is the text of a new one."""

    name: str
    title: str
    icon: str
    help: str
    starter: str

    @property
    def done(self) -> str:
        """The word for an object that is in force."""
        return "released" if KINDS[self.name].life is Life.RELEASED else "deployed"


WORDS: Mapping[str, KindWords] = {
    words.name: words
    for words in (
        KindWords(
            "workflow", "Workflow", "workflow",
            "Which jobs run, in which order and under which conditions.",
            """\
title: What it does
instructions:
  - {TYPE: Execute.Named, jobName: hello, label: hello}
jobs:
  hello:
    agentName: agent-1
    executable:
      TYPE: ShellScriptExecutable
      script: |
        echo "hello from $(hostname)"
""",
        ),
        KindWords(
            "lock", "Lock", "lock",
            "Lets only so many orders into a part of their workflows at once.",
            "title: What it protects\nlimit: 1\n",
        ),
        KindWords(
            "noticeboard", "Notice board", "megaphone",
            "Workflows post notices to it, others wait for them. PLANNABLE: each daily plan has"
            " its own; GLOBAL: keys are free.",
            """\
title: What is told here
boardType: PLANNABLE
postOrderToNoticeId: "'done'"
expectOrderToNoticeId: "'done'"
consumptionPolicy: any_success
""",
        ),
        KindWords(
            "jobresource", "Job resource", "database",
            "Variables and environment that several jobs share; values are expressions.",
            """\
title: What it gives
arguments:
  host: "'db1'"
env:
  DB_HOST: $host
""",
        ),
        KindWords(
            "includescript", "Include script", "file-text",
            "A piece of shell script that jobs take in with the line ##!include NAME.",
            """\
title: What it defines
script: |
  log() { echo "$(date +%T) $1"; }
""",
        ),
        KindWords(
            "jobtemplate", "Job template", "copy",
            "A job without its place, from which jobs of workflows are made.",
            """\
title: What its jobs do
executable:
  TYPE: ShellScriptExecutable
  script: |
    echo "$region"
  env: {REGION: $region}
arguments:
  region: {type: String, required: true}
timeout: 600
""",
        ),
        KindWords(
            "fileordersource", "File order source", "folder",
            "A directory at an agent: each file that arrives there becomes an order.",
            """\
title: What arrives here
workflowName: load
agentName: agent-1
directory: /var/spool/incoming
pattern: '.*\\.csv'
delay: 2
""",
        ),
        KindWords(
            "calendar", "Calendar", "calendar-days",
            "Days on which something happens, or does not: by rules, holidays and single dates.",
            """\
title: Which days
type: WORKINGDAYSCALENDAR
includes:
  weekdays:
    - {days: [1, 2, 3, 4, 5]}
""",
        ),
        KindWords(
            "schedule", "Schedule", "clock",
            "At which times of a calendar's days orders of a workflow start, and with what.",
            """\
title: When it runs
workflowName: report
planOrderAutomatically: true
submitOrderToControllerWhenPlanned: true
calendars:
  - calendarName: weekdays
    timeZone: Europe/Berlin
    periods:
      - {singleStart: "06:00"}
""",
        ),
    )
}  # fmt: skip


def live_at(kind: str, path: str) -> str:
    """Return the page that shows a deployed object at work, empty where there is none."""
    match kind:
        case "workflow":
            return workflow_at(path)
        case "lock":
            return lock_at(path)
        case "noticeboard":
            return board_at(path)
        case "fileordersource":
            return file_source_at(path)
        case _:
            return ""
