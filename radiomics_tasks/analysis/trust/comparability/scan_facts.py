"""What is known of one scan for comparing it: the facts kept at intake, the image's probes and one outline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from patients.vocabulary import Organ

Acquisition = Mapping[str, str | float | Sequence[float]]


@dataclass(frozen=True, slots=True)
class Probes:
    """What was measured in the image itself, where tags are silent; None where it could not be.

    `aorta_hu` and `liver_hu` are mean HU, `liver_suv` the mean SUV of a liver region.
    """

    aorta_hu: float | None = None
    liver_hu: float | None = None
    liver_suv: float | None = None


@dataclass(frozen=True, slots=True)
class OutlineFacts:
    """How one lesion was outlined and extracted on the scan; empty text where it is not known.

    `method` names the kind of outline and the tool's version, `annotator` the person, `outside_ratio` the share
    of its voxels that are no tissue (below -900 or above 400 HU).
    """

    organ: Organ | None = None
    method: str = ""
    annotator: str = ""
    profile_digest: str = ""
    outside_ratio: float | None = None


@dataclass(frozen=True, slots=True)
class ScanFacts:
    """One side of a pair of scans. Texts, numbers and vectors are as DICOM has them, keyed by its keywords.

    `kind` is "dicom", "nifti" or "nrrd"; `slice_mm` the distance of the slices' positions; `jitter_mm` how far
    slices lie off a regular grid; `outline` is left out where scans are compared without a lesion.
    """

    kind: str = "dicom"
    modality: str = ""
    acquired_on: date | None = None
    description: str = ""
    acquisition: Acquisition = field(default_factory=dict)
    suv: Mapping[str, Any] = field(default_factory=dict)
    slice_mm: float | None = None
    jitter_mm: float | None = None
    probes: Probes = Probes()
    outline: OutlineFacts | None = None

    @classmethod
    def kept(cls, facts: Mapping[str, Any], modality: str, acquired_on: date | None) -> "ScanFacts":
        """The side as intake kept it; modality and date are the filed scan's, which a person may have corrected.

        Examples
        --------
        >>> kept = {"acquisition": {"KVP": 120.0}, "geometry": {"spacing_mm": [0.8, 0.8, 2.5]}}
        >>> ScanFacts.kept(kept, "CT", date(2024, 1, 1)).slice_mm
        2.5
        """
        spacing_mm = (facts.get("geometry") or {}).get("spacing_mm") or (None,)
        return cls(
            kind=str(facts.get("kind", "dicom")),
            modality=modality,
            acquired_on=acquired_on,
            description=str(facts.get("description", "")),
            acquisition=dict(facts.get("acquisition") or {}),
            suv=dict(facts.get("suv") or {}),
            slice_mm=spacing_mm[-1],
            jitter_mm=facts.get("jitter_mm"),
        )

    def probed(self, probes: Probes) -> "ScanFacts":
        """The same scan with what was measured in its image."""
        return replace(self, probes=probes)

    def outlined(self, outline: OutlineFacts) -> "ScanFacts":
        """The same scan seen through one lesion's outline."""
        return replace(self, outline=outline)

    def text(self, keyword: str) -> str | None:
        """A text of the acquisition without blanks around it, or None where the file is silent."""
        value = self.acquisition.get(keyword)
        return value.strip() or None if isinstance(value, str) else None

    def numbers(self, keyword: str) -> tuple[float, ...] | None:
        """A number or vector of the acquisition, or None where the file is silent."""
        value = self.acquisition.get(keyword)
        if value is None or isinstance(value, str):
            return None
        return (float(value),) if isinstance(value, int | float) else tuple(float(part) for part in value)

    def number(self, keyword: str) -> float | None:
        """A single number of the acquisition, or None."""
        found = self.numbers(keyword)
        return found[0] if found else None
