"""What an exported feature says of volume: does it follow it at this site, how closely, over how many lesions."""

from patients.models import FeatureSnapshot
from patients.reads.trusting.volume_changes import slope_tables
from patients.words.regions import Region

COLUMNS = ("follows_volume", "volume_rho", "volume_lesions")
Cell = str | float | None
NOT_OF_TEXTURE: tuple[Cell, ...] = ("", None, None)


class VolumeCells:
    """The site's tables, read once for a whole export."""

    def __init__(self) -> None:
        self._tables = {(row.is_synthetic, row.feature_set_id): row for row in slope_tables()}

    def of_feature(self, snapshot: FeatureSnapshot, place: int, *, is_synthetic: bool) -> tuple[Cell, ...]:
        """One feature of a lesion; empty before the site's lesions were asked, and for rings, which were not.

        `is_synthetic`: its patient is made up, and stands beside made-up patients alone.
        """
        table = self._tables.get((is_synthetic, snapshot.feature_set_id))
        if table is None or snapshot.region != Region.LESION:
            return NOT_OF_TEXTURE
        if not table.follows_volume[place]:
            return "no", None, None
        return "yes", table.spearman[place], table.lesions[place]
