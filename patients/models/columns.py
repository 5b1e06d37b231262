"""Features once more, by column: derived from the snapshots, droppable, so that a cohort is read in a moment.

One feature of forty thousand snapshots lies in as many long rows; turned round, in blocks, it is a few short ones.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from patients.models.doubles import DoublesField
from patients.models.features import FeatureSet, FeatureSnapshot

# Snapshots in a block: as many values as stay in a row of the table itself.
BLOCK = 200


class ColumnBlock(models.Model):
    """So many snapshots of one feature set that have been turned round, in the order of their values."""

    feature_set = models.ForeignKey(FeatureSet, on_delete=models.CASCADE, related_name="blocks")
    snapshot_pks = ArrayField(models.BigIntegerField())

    def __str__(self) -> str:
        return f"Block {self.pk} of {len(self.snapshot_pks)} snapshots"


class ColumnValues(models.Model):
    """The values of one feature of one block, by the feature's place in the set's names (from 1); NULL stays NULL."""

    block = models.ForeignKey(ColumnBlock, on_delete=models.CASCADE, related_name="columns")
    place = models.PositiveSmallIntegerField()
    values = DoublesField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["block", "place"], name="one_column_a_block_and_place")]

    def __str__(self) -> str:
        return f"Feature {self.place} of block {self.block_id}"


class UnturnedSnapshot(models.Model):
    """A snapshot that is in no block yet; a trigger notes it in the transaction that stores the snapshot."""

    snapshot = models.OneToOneField(FeatureSnapshot, on_delete=models.CASCADE, primary_key=True, related_name="+")
    feature_set = models.ForeignKey(FeatureSet, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"Snapshot {self.snapshot_id}, not turned yet"
