"""Rows of the journal, as the controller would write them."""

import uuid

from django.conf import settings

from controller.journal import Entry, encode
from controller.models.journal import JournalBatch, JournalIndex
from engine.order.events import OrderEvent


def happened(no: int, subject: str, event: OrderEvent, at_us: int = 0) -> None:
    """Write one event as a turn of its own."""
    here = settings.STELLWERK_CONTROLLER_ID
    JournalBatch.objects.create(
        controller=here,
        first_no=no,
        last_no=no,
        batch=uuid.uuid4(),
        term=1,
        at_us=at_us,
        body=encode([Entry(no, at_us, subject, event)]),
    )
    JournalIndex.objects.create(controller=here, order_id=subject, first_no=no)
