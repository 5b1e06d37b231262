"""What a conclusion stands on beside the timeline: noise bands, acquisition rules, the score's model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from radiomics_tasks.analysis.change.noise.bands import Bands
from radiomics_tasks.analysis.change.noise.published import published_bands, shipped_sds
from radiomics_tasks.analysis.change.noise.verdicts import BandReader
from radiomics_tasks.analysis.change.volume import VolumeSlopes
from radiomics_tasks.analysis.trust.comparability.rules import AcquisitionRules, default_rules
from radiomics_tasks.analysis.trust.pseudoprogression.model import PspModel, default_model


def shipped_bands() -> Bands:
    """The published bands of sizes, which hold where a site has nothing better; sizes have no profile."""
    return published_bands(shipped_sds(), "")


@dataclass(frozen=True)
class Grounds:
    """One state of everything that is not the patient's own; equal grounds give equal findings.

    `slopes`: by feature set, how its features follow volume in this site's cohort, where it is large enough.
    """

    bands: Bands = field(default_factory=shipped_bands)
    rules: AcquisitionRules = field(default_factory=default_rules)
    model: PspModel = field(default_factory=default_model)
    slopes: Mapping[int, VolumeSlopes] = field(default_factory=dict)

    @cached_property
    def reader(self) -> BandReader:
        """The bands as columns; what was read once is kept."""
        return BandReader(self.bands)
