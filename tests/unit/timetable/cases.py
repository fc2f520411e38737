"""Reads the order cases about admission and cycles, and writes moments as people do."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import yaml

from timetable.scheme import AdmissionTimeScheme, CycleSchedule

HERE = Path(__file__).parent
ORDERS = HERE.parents[1] / "conformance/orders"


def order_cases(folder: str) -> list[dict[str, Any]]:
    return [yaml.safe_load(path.read_text()) for path in sorted((ORDERS / folder).glob("*.yaml"))]


def scheme(document: Any) -> AdmissionTimeScheme:
    return msgspec.convert(document, AdmissionTimeScheme)


def cycle_schedule(document: Any) -> CycleSchedule:
    return msgspec.convert(document, CycleSchedule)


def us(text: str) -> int:
    """Return microseconds since the epoch of `2026-03-02T08:00:00Z`."""
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000


def iso(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
