"""Examples of documents of every kind, for the schema."""

from typing import Any

_JOB = {
    "agentName": "agent-1",
    "executable": {"TYPE": "ShellScriptExecutable", "script": "#!/bin/sh\necho $REGION"},
}

DRAFT_EXAMPLES: dict[str, Any] = {
    "workflow": {
        "document": {
            "instructions": [{"TYPE": "Execute.Named", "jobName": "load", "label": "load"}],
            "jobs": {"load": _JOB},
        }
    },
    "lock": {"document": {"limit": 2, "title": "Two loads at once"}},
    "noticeboard": {
        "document": {
            "boardType": "GLOBAL",
            "postOrderToNoticeId": "replaceAll($js7OrderId, '#(.*)#.*', '$1')",
            "expectOrderToNoticeId": "replaceAll($js7OrderId, '#(.*)#.*', '$1')",
            "endOfLife": "$js7EpochMilli + 24 * 60 * 60 * 1000",
        }
    },
    "jobresource": {
        "document": {"arguments": {"region": "'eu'"}, "env": {"REGION": "$region"}},
        "comment": "where to load from",
    },
    "includescript": {"document": {"script": 'log() { echo "$(date +%T) $*"; }'}},
    "jobtemplate": {
        "document": {
            "executable": {"TYPE": "ShellScriptExecutable", "script": "echo $REGION"},
            "arguments": {"region": {"type": "String", "default": "'eu'"}},
        }
    },
    "as text": {"source": "limit: 2\ntitle: Two loads at once\n", "edit_no": 3},
}
DEPLOY_EXAMPLES: dict[str, Any] = {
    "objects": {
        "objects": [
            {"type": "workflow", "path": "demo/report"},
            {"type": "lock", "path": "demo/loads"},
        ],
        "comment": "two loads at once",
        "ticket": "OPS-17",
    },
    "folder": {"folder": "demo"},
}
