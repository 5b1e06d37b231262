"""How uploads and runs may move from state to state, and how they did: both held and written by the database."""

from django.db import models


class AllowedTransition(models.Model):
    """One move that the database lets a row make; an empty `from_state` is a row's beginning.

    A migration makes and fills the table, which no program changes; a row that tries another move is refused.
    """

    subject = models.CharField(max_length=12)
    from_state = models.CharField(max_length=16, blank=True)
    to_state = models.CharField(max_length=16)

    class Meta:
        managed = False
        db_table = "patients_allowedtransition"

    def __str__(self) -> str:
        return f"{self.subject}: {self.from_state or 'new'} to {self.to_state}"


class StateChange(models.Model):
    """One move that an upload or a run made, written by a trigger in the same transaction and never changed.

    A run that another worker takes over moves from RUNNING to RUNNING.
    """

    subject = models.CharField(max_length=12)
    row_pk = models.BigIntegerField()
    from_state = models.CharField(max_length=16, blank=True)
    to_state = models.CharField(max_length=16)
    attempt = models.PositiveSmallIntegerField(null=True, blank=True)
    reason_code = models.CharField(max_length=40, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["subject", "row_pk"], name="changes_of_a_row")]

    def __str__(self) -> str:
        return f"{self.subject} {self.row_pk}: {self.from_state or 'new'} to {self.to_state}"
