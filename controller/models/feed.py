"""How far each reader of the journal has come."""

from django.db import models


class FeedPosition(models.Model):
    """A registered follower and the number of the last journal entry that it has taken in.

    The follower writes it in the transaction of its own rows. Purging stops at the smallest one.
    """

    pk = models.CompositePrimaryKey("follower", "controller")
    follower = models.TextField()
    controller = models.TextField()
    no = models.BigIntegerField(default=0)
