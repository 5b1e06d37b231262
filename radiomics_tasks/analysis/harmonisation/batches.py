"""The batch of a scan: scanner model, kernel class and class of slice thickness, from the facts kept at intake."""

from dataclasses import dataclass

from patients.words.harmonisation_words import NoBatch
from radiomics_tasks.analysis.trust.comparability.kernels import UNKNOWN, kernel_class
from radiomics_tasks.analysis.trust.comparability.quantities import Wording
from radiomics_tasks.analysis.trust.comparability.scan_facts import ScanFacts

# The same limits as the acquisition rules have for textures of thin against thick slices.
THIN_MM, THICK_MM = 2.5, 5.0


@dataclass(frozen=True, slots=True)
class Batch:
    """What scans of one batch share, as one line of text; empty with a reason where it cannot be told."""

    label: str
    absence: NoBatch | None = None


def batch_of(facts: ScanFacts, wording: Wording) -> Batch:
    """The batch of one scan.

    Of MR the field strength stands where CT has its kernel class, of PET the reconstruction method. A kernel that
    the table does not know makes no batch: unlike kernels would share one.

    Examples
    --------
    >>> from radiomics_tasks.analysis.trust.comparability.rules import default_rules
    >>> tags = {"Manufacturer": "SIEMENS", "ManufacturerModelName": "Sensation 64", "ConvolutionKernel": "B30f"}
    >>> batch_of(ScanFacts(modality="CT", acquisition={**tags, "SliceThickness": 1.0}), default_rules().wording).label
    'CT · siemens sensation 64 · soft kernel · slices up to 2.5 mm'
    >>> batch_of(ScanFacts(modality="CT", acquisition=tags), default_rules().wording).absence.label
    'the file does not tell the slice thickness'
    """
    model = facts.text("ManufacturerModelName")
    if model is None:
        return Batch("", NoBatch.SCANNER)
    scanner = " ".join(f"{facts.text('Manufacturer') or ''} {model}".casefold().split())
    made = _reconstruction(facts, wording)
    if isinstance(made, NoBatch):
        return Batch("", made)
    thickness_mm = facts.number("SliceThickness")
    if thickness_mm is None or not thickness_mm > 0:
        return Batch("", NoBatch.SLICES)
    return Batch(f"{facts.modality} · {scanner} · {made} · {slice_class(thickness_mm)}")


def slice_class(thickness_mm: float) -> str:
    """The class of a slice thickness in millimetres.

    >>> slice_class(2.5), slice_class(3.0), slice_class(5.0)
    ('slices up to 2.5 mm', 'slices over 2.5, under 5 mm', 'slices from 5 mm')
    """
    if thickness_mm <= THIN_MM:
        return "slices up to 2.5 mm"
    return "slices from 5 mm" if thickness_mm >= THICK_MM else "slices over 2.5, under 5 mm"


def _reconstruction(facts: ScanFacts, wording: Wording) -> str | NoBatch:
    if facts.modality == "MR":
        tesla = facts.number("MagneticFieldStrength")
        return NoBatch.FIELD if tesla is None else f"{tesla:.1f} T"
    if facts.modality == "PT":
        method = facts.text("ReconstructionMethod")
        return NoBatch.RECONSTRUCTION if method is None else " ".join(method.casefold().split())
    kernel = facts.text("ConvolutionKernel")
    found = kernel_class(facts.text("Manufacturer") or "", kernel, wording.kernels) if kernel else UNKNOWN
    return NoBatch.KERNEL if found == UNKNOWN else f"{found} kernel"
