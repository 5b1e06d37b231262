"""Pairs of scans for every question of the acquisition rules: one that meets it, and one just on the other side."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from radiomics_tasks.analysis.trust.comparability.scan_facts import OutlineFacts, Probes, ScanFacts

COMMON: dict[str, Any] = {
    "Manufacturer": "SIEMENS",
    "ManufacturerModelName": "Force",
    "DeviceSerialNumber": "0f0f",
    "SoftwareVersions": "VB20",
    "LossyImageCompression": "00",
    "ImageType": "ORIGINAL\\PRIMARY\\AXIAL",
    "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
    "PatientPosition": "FFS",
}
CT: dict[str, Any] = COMMON | {
    "ContrastBolusAgent": "Iomeron",
    "ContrastBolusStartTime": "101500",
    "AcquisitionTime": "101610",
    "SliceThickness": 3.0,
    "ConvolutionKernel": "Br40d",
    "ReconstructionAlgorithm": "ADMIRE",
    "KVP": 100.0,
    "Exposure": 100.0,
    "PixelSpacing": [0.7, 0.7],
    "GantryDetectorTilt": 0.0,
    "RescaleSlope": 1.0,
    "RescaleIntercept": -1024.0,
}
MR: dict[str, Any] = COMMON | {
    "MagneticFieldStrength": 1.5,
    "ScanningSequence": "SE",
    "SequenceVariant": "SK",
    "SequenceName": "tse2d1",
    "RepetitionTime": 1000.0,
    "EchoTime": 100.0,
    "InversionTime": 150.0,
    "FlipAngle": 90.0,
    "DiffusionBValue": 800.0,
    "MRAcquisitionType": "2D",
    "PixelBandwidth": 200.0,
    "ReceiveCoilName": "Body",
    "ScanOptions": "FS\\PFP",
}
PT: dict[str, Any] = COMMON | {"CorrectedImage": "ATTN\\SCAT\\DECY\\RAN", "ReconstructionMethod": "OSEM"}
SUV = {
    "units": "BQML",
    "method": "C · W / D′",
    "decay_correction": "START",
    "weight_kg": 70.0,
    "dose_bq": 300e6,
    "elapsed_s": 3600.0,
    "radiopharmaceutical": "FDG",
}
OUTLINE = OutlineFacts(None, "manual", "reader 1", "profile", 0.0)


def side(modality: str, **suv: Any) -> ScanFacts:
    """A scan of which everything is known."""
    tags = {"CT": CT, "MR": MR, "PT": PT}[modality]
    return ScanFacts(
        modality=modality,
        acquired_on=date(2024, 1, 1),
        acquisition=tags,
        suv=SUV | suv if modality == "PT" else {},
        slice_mm=3.0,
        jitter_mm=0.0,
        probes=Probes(aorta_hu=150.0, liver_hu=100.0, liver_suv=2.0),
        outline=OUTLINE,
    )


@dataclass(frozen=True)
class Pair:
    """The changes of one side, or of both, that make a pair."""

    modality: str
    now: Mapping[str, Any]
    both: Mapping[str, Any] = field(default_factory=dict)

    def sides(self) -> tuple[ScanFacts, ScanFacts]:
        then = changed(replace(side(self.modality)), self.both)
        later = replace(then, acquired_on=date(2024, 3, 1))
        return then, changed(later, self.now)


def changed(facts: ScanFacts, changes: Mapping[str, Any]) -> ScanFacts:
    """The scan with some of its facts changed: DICOM keywords, or `suv.…`, `probes.…`, `outline.…`, `facts.…`."""
    tags, suv, probes, outline, own = dict(facts.acquisition), dict(facts.suv), facts.probes, facts.outline, {}
    for name, value in changes.items():
        where, _, key = name.rpartition(".")
        if where == "suv":
            suv[key] = value
        elif where == "probes":
            probes = replace(probes, **{key: value})
        elif where == "outline":
            outline = replace(outline, **{key: value})
        elif where == "facts":
            own[key] = value
        else:
            tags[key] = value
    kept = {key: value for key, value in tags.items() if value is not None}
    return replace(facts, acquisition=kept, suv=suv, probes=probes, outline=outline, **own)


def ct(both: Mapping[str, Any] | None = None, **now: Any) -> Pair:
    return Pair("CT", now, both or {})


def mr(both: Mapping[str, Any] | None = None, **now: Any) -> Pair:
    return Pair("MR", now, both or {})


def pt(both: Mapping[str, Any] | None = None, now: Mapping[str, Any] | None = None, **tags: Any) -> Pair:
    return Pair("PT", {**(now or {}), **tags}, both or {})


def of(name: str, value: Any) -> dict[str, Any]:
    return {name: value}


NATIVE = {"ContrastBolusAgent": "NONE"}
FIVE_DEGREES = [1, 0, 0, 0, 0.99619470, 0.08715574]
BEYOND = [1, 0, 0, 0, 0.99599, 0.08946]
GML = {"suv.units": "GML"}

# For each question, by rule and place: the pair that meets it, and the pair just on the other side of its limit.
PAIRS: dict[tuple[str, int], tuple[Pair, Pair]] = {
    ("MODALITY_CT_MR", 0): (Pair("CT", of("facts.modality", "MR")), ct()),
    ("MODALITY", 0): (Pair("CT", of("facts.modality", "PT")), Pair("CT", of("facts.modality", "MR"))),
    ("CONTRAST", 0): (ct(ContrastBolusAgent=None), ct(ContrastBolusAgent="Ultravist")),
    ("CONTRAST_DELAY", 0): (ct(AcquisitionTime="101631"), ct(AcquisitionTime="101630")),
    ("CONTRAST_DELAY", 1): (ct(AcquisitionTime="101651"), ct(AcquisitionTime="101650")),
    ("CONTRAST_PHASE", 0): (Pair("CT", of("probes.aorta_hu", 180.1)), Pair("CT", of("probes.aorta_hu", 180.0))),
    ("CONTRAST_PHASE", 1): (Pair("CT", of("probes.liver_hu", 84.9)), Pair("CT", of("probes.liver_hu", 85.0))),
    ("SLICE_THICKNESS", 0): (ct(SliceThickness=3.51), ct(SliceThickness=3.5)),
    ("SLICE_THICKNESS", 1): (ct({"SliceThickness": 2.0}, SliceThickness=4.0), ct(SliceThickness=5.9)),
    ("SLICE_THICKNESS", 2): (
        ct({"SliceThickness": 2.5}, SliceThickness=5.0),
        ct({"SliceThickness": 2.6}, SliceThickness=5.0),
    ),
    ("SLICE_THICKNESS", 3): (ct(SliceThickness=5.1), ct(SliceThickness=5.0)),
    ("SLICE_SPACING", 0): (Pair("CT", of("facts.slice_mm", 3.51)), Pair("CT", of("facts.slice_mm", 3.5))),
    ("SLICE_SPACING", 1): (Pair("CT", of("facts.jitter_mm", 0.101)), Pair("CT", of("facts.jitter_mm", 0.1))),
    ("KERNEL", 0): (ct(ConvolutionKernel="Br50d"), ct(ConvolutionKernel="Br49d")),
    ("KERNEL", 1): (ct(ConvolutionKernel="Br44d"), ct(ConvolutionKernel="Br40d\\3")),
    ("KERNEL", 2): (ct(ConvolutionKernel="Hr40d"), ct(ConvolutionKernel="Br40f")),
    ("RECONSTRUCTION", 0): (ct(ReconstructionAlgorithm="FBP"), ct(ReconstructionAlgorithm="SAFIRE")),
    ("KVP", 0): (ct(KVP=110.0), ct(KVP=109.9)),
    ("KVP", 1): (ct(KVP=120.0), ct(NATIVE, KVP=120.0)),
    ("MAS", 0): (ct(Exposure=151.0), ct(Exposure=150.0)),
    ("MAS", 1): (ct(Exposure=201.0), ct(Exposure=200.0)),
    ("PIXEL_SPACING", 0): (ct(PixelSpacing=[0.7, 0.81]), ct(PixelSpacing=[0.8, 0.8])),
    ("PIXEL_SPACING", 1): (ct(PixelSpacing=[1.06, 1.0]), ct(PixelSpacing=[1.04, 1.04])),
    ("PIXEL_SPACING", 2): (ct(PixelSpacing=[1.41, 1.4]), ct(PixelSpacing=[1.4, 1.4])),
    ("TILT", 0): (ct(GantryDetectorTilt=-1.01), ct(GantryDetectorTilt=1.0)),
    ("TILT", 1): (ct(GantryDetectorTilt=0.5), ct(GantryDetectorTilt=0.0)),
    ("MANUFACTURER", 0): (ct(Manufacturer="Siemens Healthineers"), ct(Manufacturer="Siemens ")),
    ("MODEL", 0): (ct(ManufacturerModelName="Drive"), ct(ManufacturerModelName="FORCE")),
    ("DEVICE", 0): (ct(DeviceSerialNumber="1e1e"), ct()),
    ("SOFTWARE", 0): (ct(SoftwareVersions="VB30"), ct()),
    ("RESCALE", 0): (ct(RescaleType="US"), ct(RescaleType="HU")),
    ("LOSSY", 0): (ct(LossyImageCompression="01"), ct(LossyImageCompression="00")),
    ("DERIVED", 0): (ct(ImageType="DERIVED\\SECONDARY\\AXIAL"), ct(ImageType="DERIVED\\PRIMARY\\AXIAL")),
    ("ORIENTATION", 0): (ct(ImageOrientationPatient=BEYOND), ct(ImageOrientationPatient=FIVE_DEGREES)),
    ("POSITION", 0): (ct(PatientPosition="HFS"), ct(PatientPosition="ffs")),
    ("FIELD_STRENGTH", 0): (mr(MagneticFieldStrength=1.601), mr(MagneticFieldStrength=1.6)),
    ("SEQUENCE", 0): (mr(ScanningSequence="GR"), mr(ScanningSequence="se")),
    ("SEQUENCE", 1): (mr(SequenceVariant="SP"), mr(SequenceVariant="SK")),
    ("SEQUENCE", 2): (mr(SequenceName="tir2d1"), mr(SequenceName="tse2d1")),
    ("REPETITION_TIME", 0): (mr(RepetitionTime=1101.0), mr(RepetitionTime=1100.0)),
    ("REPETITION_TIME", 1): (mr(RepetitionTime=1251.0), mr(RepetitionTime=1250.0)),
    ("ECHO_TIME", 0): (mr(EchoTime=110.1), mr(EchoTime=110.0)),
    ("ECHO_TIME", 1): (mr(EchoTime=125.1), mr(EchoTime=125.0)),
    ("INVERSION_TIME", 0): (mr(InversionTime=165.1), mr(InversionTime=165.0)),
    ("FLIP_ANGLE", 0): (mr(FlipAngle=95.1), mr(FlipAngle=85.0)),
    ("B_VALUE", 0): (mr(DiffusionBValue=800.5), mr(DiffusionBValue=800.0)),
    ("ACQUISITION_TYPE", 0): (mr(MRAcquisitionType="3D"), mr(MRAcquisitionType="2d")),
    ("BANDWIDTH", 0): (mr(PixelBandwidth=241.0), mr(PixelBandwidth=240.0)),
    ("COIL", 0): (mr(ReceiveCoilName="Spine"), mr(ReceiveCoilName="BODY")),
    ("FAT_SUPPRESSION", 0): (mr(ScanOptions="PFP"), mr(ScanOptions="fs")),
    ("TRACER", 0): (pt(now=of("suv.radiopharmaceutical", "PSMA")), pt(now=of("suv.radiopharmaceutical", "fdg"))),
    ("UPTAKE", 0): (pt(now=of("suv.elapsed_s", 4201.0)), pt(now=of("suv.elapsed_s", 4200.0))),
    ("UPTAKE", 1): (pt(now=of("suv.elapsed_s", 4501.0)), pt(now=of("suv.elapsed_s", 4500.0))),
    ("UPTAKE", 2): (pt(now=of("suv.elapsed_s", 3299.0)), pt(now=of("suv.elapsed_s", 3300.0))),
    ("DOSE", 0): (pt(now=of("suv.dose_bq", 361e6)), pt(now=of("suv.dose_bq", 360e6))),
    ("WEIGHT", 0): (pt(now=of("suv.weight_kg", 0.0)), pt(GML, of("suv.weight_kg", None))),
    ("WEIGHT", 1): (pt(now=of("suv.weight_kg", 77.1)), pt(now=of("suv.weight_kg", 77.0))),
    ("UNITS", 0): (pt(now=of("suv.units", "CM2ML")), pt(now=GML)),
    ("UNITS", 1): (pt(GML | of("suv.suv_type", "LBM")), pt(GML | of("suv.suv_type", "BW"))),
    ("UNITS", 2): (pt(GML, of("suv.suv_type", "LBM")), pt(now=GML)),
    ("UNITS", 3): (pt(now={"suv.units": "CNTS", "suv.method": ""}), pt(now=of("suv.units", "CNTS"))),
    ("DECAY", 0): (pt(now=of("suv.decay_correction", "NONE")), pt(now=of("suv.decay_correction", "ADMIN"))),
    ("CORRECTIONS", 0): (pt(CorrectedImage="ATTN\\DECY"), pt(CorrectedImage="DECY\\ATTN\\SCAT")),
    ("PET_RECONSTRUCTION", 0): (pt(ReconstructionMethod="PSF"), pt(ReconstructionMethod="osem")),
    ("LIVER_SUV", 0): (pt(now=of("probes.liver_suv", 2.41)), pt(now=of("probes.liver_suv", 2.4))),
    ("SEGMENTATION", 0): (Pair("CT", of("outline.method", "automatic 2")), ct()),
    ("SEGMENTATION", 1): (Pair("CT", of("outline.annotator", "reader 2")), ct()),
    ("PROFILE", 0): (Pair("CT", of("outline.profile_digest", "other")), ct()),
    ("INTERVAL", 0): (
        Pair("CT", of("facts.acquired_on", date(2024, 1, 1))),
        Pair("CT", of("facts.acquired_on", date(2024, 1, 2))),
    ),
    ("INTERVAL", 1): (
        Pair("CT", of("facts.acquired_on", date(2024, 1, 14))),
        Pair("CT", of("facts.acquired_on", date(2024, 1, 15))),
    ),
    ("INTERVAL", 2): (
        Pair("CT", of("facts.acquired_on", date(2023, 12, 5))),
        Pair("CT", of("facts.acquired_on", date(2023, 12, 4))),
    ),
    ("OUTSIDE_RANGE", 0): (
        Pair("CT", of("outline.outside_ratio", 0.051)),
        Pair("CT", of("outline.outside_ratio", 0.05)),
    ),
}
# Questions with a second limit, or a condition beside it: the same again on its two sides.
MORE_PAIRS: list[tuple[str, int, Pair, Pair]] = [
    (
        "SLICE_THICKNESS",
        2,
        ct({"SliceThickness": 2.5}, SliceThickness=5.0),
        ct({"SliceThickness": 2.5}, SliceThickness=4.99),
    ),
    ("KVP", 1, ct(KVP=120.0), ct(KVP=119.9)),
    ("UPTAKE", 2, pt(now=of("suv.elapsed_s", 4501.0)), pt(now=of("suv.elapsed_s", 4500.0))),
]
