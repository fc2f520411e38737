"""Whether a job may start now, when it may next, and when it has to end.

Asks `timetable.admission` in the zone of the workflow. An order with `force_admission` waits for no
period, is skipped by none and is killed by none.
"""

from engine.order.model import Order
from engine.workflow.model import Job
from engine.workflow.program import Program
from timetable.admission import admitted, begins_on, next_window
from timetable.local import day_offset_s


def admitted_now(order: Order, program: Program, job: Job, now_us: int) -> bool:
    """Tell whether the job may start at this moment."""
    scheme = job.admission_time_scheme
    if scheme is None or order.force_admission:
        return True
    workflow = program.workflow
    offset_s = day_offset_s(workflow.day_offset)
    return admitted(scheme, workflow.time_zone, now_us, day_offset_s=offset_s) is not None


def next_begin_us(program: Program, job: Job, now_us: int) -> int | None:
    """Return when the job is admitted next, None if not within about three years."""
    scheme, workflow = job.admission_time_scheme, program.workflow
    if scheme is None:
        return None
    offset_s = day_offset_s(workflow.day_offset)
    window = next_window(scheme, workflow.time_zone, now_us, day_offset_s=offset_s)
    return window.begin_us if window else None


def never_on_its_day(order: Order, program: Program, job: Job) -> bool:
    """Tell whether the job is to be passed by: no period begins on the order's day."""
    if not job.skip_if_no_admission_for_order_day or order.force_admission:
        return False
    scheme, workflow = job.admission_time_scheme, program.workflow
    if scheme is None or order.order_date is None:
        return False
    offset_s = day_offset_s(workflow.day_offset)
    return not begins_on(scheme, workflow.time_zone, order.order_date, offset_s)


def ends_at_us(order: Order, program: Program, job: Job, started_us: int) -> int | None:
    """Return when a job that was started has to be killed, None where it may go on."""
    scheme, workflow = job.admission_time_scheme, program.workflow
    if not job.kill_at_end_of_admission_period or scheme is None or order.force_admission:
        return None
    offset_s = day_offset_s(workflow.day_offset)
    window = admitted(scheme, workflow.time_zone, started_us, day_offset_s=offset_s)
    return window.end_us if window else None
