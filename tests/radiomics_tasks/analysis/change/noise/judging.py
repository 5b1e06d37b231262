"""Made-up changes of one signed feature beside a band with wSD 1, for tests of noise."""

from collections.abc import Sequence

import numpy as np

from patients.concluded.change_findings import Band, DeltaNoise
from patients.vocabulary import Modality, Reference
from patients.words.noise_words import NoiseSource, SizeClass
from radiomics_tasks.analysis.change.noise.bands import band_key, cited_band
from radiomics_tasks.analysis.change.noise.verdicts import Compared, band_columns, judged

MEAN = "original_firstorder_Mean"
OF = Compared(1, 2, Reference.BASELINE, 7)


def band(
    name: str = MEAN, source: NoiseSource = NoiseSource.SITE_PAIRS, *, pairs: int | None = 40, sd: float = 1.0
) -> Band:
    """One band."""
    return cited_band(band_key(name, Modality.CT, "ct", SizeClass.FROM_10), sd, "", pairs=pairs, source=source)


def judge(
    changes: Sequence[float | None],
    source: NoiseSource = NoiseSource.SITE_PAIRS,
    *,
    pairs: int | None = 40,
    sd: float = 1.0,
) -> DeltaNoise:
    """Changes of a signed feature, each beside the same band."""
    columns = band_columns([MEAN] * len(changes), [band(source=source, pairs=pairs, sd=sd)] * len(changes))
    return judged(OF, np.array(changes, dtype=float), columns)
