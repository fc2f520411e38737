"""How many planned orders a day has in each state, kept by triggers so that no writer can forget.

Every statement appends what it has changed; nobody waits for another's row. The sum is the count.
"""

from django.db import models


class CountChange(models.Model):
    """By how much a statement has changed the number of rows and of the orders they stand for."""

    day = models.DateField(db_index=True)
    state = models.SmallIntegerField()
    rows = models.BigIntegerField()
    orders = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.day} {self.state}: {self.rows:+}"
