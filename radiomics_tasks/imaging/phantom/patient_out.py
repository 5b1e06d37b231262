"""Writes a made-up patient to a folder as a hospital would send it: one folder per scan, outlines beside the images."""

from dataclasses import dataclass
from pathlib import Path

from patients.vocabulary import Modality, OutlineFormat
from radiomics_tasks.imaging.phantom.cohort.plan import DemoLesion, DemoPatient, DemoScan
from radiomics_tasks.imaging.phantom.dicom_out import write_series
from radiomics_tasks.imaging.phantom.rtstruct_out import write_rtstruct
from radiomics_tasks.imaging.phantom.scan import Grid, MadeScan, PlannedLesion, Recipe, made_scan
from radiomics_tasks.imaging.phantom.seg_out import OutlineSpec, write_seg
from radiomics_tasks.imaging.phantom.uids import uid_from


@dataclass(frozen=True)
class WrittenScan:
    """What one scan became on disk."""

    scan: DemoScan
    folder: Path
    images: tuple[Path, ...]
    outlines: Path


def write_patient(patient: DemoPatient, folder: Path) -> tuple[WrittenScan, ...]:
    """Write every scan of a patient below `folder`, which is made if missing; the same bytes every time.

    Each scan gets a folder of its own, named by date and modality, with its images in `images/` and one file of
    outlines beside them.
    """
    return tuple(
        write_scan(patient, visit, index, folder)
        for visit in range(len(patient.visits))
        for index in range(len(patient.visits[visit].scans))
    )


def write_scan(patient: DemoPatient, visit: int, index: int, folder: Path) -> WrittenScan:
    """Write one scan of one visit (both counted from zero); see `write_patient`."""
    scan = patient.visits[visit].scans[index]
    made = made_scan(recipe_of(patient, visit, index))
    place = folder / "_".join((f"{scan.acquired_on:%Y%m%d}", *scan.words[1:]))
    images = _write_images(patient, scan, made, place / "images")
    specs = [
        OutlineSpec(
            lesion.name,
            made.masks[lesion.name],
            patient.tracking_uid(lesion),
            lesion.name,
            lesion.organ,
        )
        for lesion in lesions_on(patient, visit, scan)
    ]
    if patient.outlines == OutlineFormat.RTSTRUCT:
        outlines = write_rtstruct(place / "structures.dcm", images, specs)
    else:
        outlines = write_seg(place / "segmentation.dcm", images, specs)
    return WrittenScan(scan, place, tuple(images), outlines)


def lesions_on(patient: DemoPatient, visit: int, scan: DemoScan) -> tuple[DemoLesion, ...]:
    """The lesions that are outlined on one scan."""
    return tuple(
        lesion for lesion in patient.lesions if lesion.modality == scan.modality and lesion.sizes_mm[visit] is not None
    )


def recipe_of(patient: DemoPatient, visit: int, index: int) -> Recipe:
    """What the picture of one scan is made from."""
    scan = patient.visits[visit].scans[index]
    half_mm = (scan.pixels - 1) / 2 * scan.spacing_mm[0]
    return Recipe(
        modality=scan.modality,
        grid=Grid(
            spacing_mm=scan.spacing_mm,
            shape_zyx=(scan.slices, scan.pixels, scan.pixels),
            origin_mm=(-half_mm, -half_mm, scan.lowest_mm),
        ),
        build=patient.build,
        pose=scan.pose,
        lesions=tuple(_planned(patient, lesion, visit) for lesion in lesions_on(patient, visit, scan)),
        words=" ".join((patient.pseudonym, *scan.words)),
        phase=scan.phase,
        is_sharp=scan.scanner.is_sharp,
    )


def _planned(patient: DemoPatient, lesion: DemoLesion, visit: int) -> PlannedLesion:
    size_mm = lesion.sizes_mm[visit]
    if size_mm is None:
        raise ValueError(f"{lesion.name} of {patient.pseudonym} is not on the scan of visit {visit}")
    return PlannedLesion(
        name=lesion.name,
        look=lesion.look,
        centre_mm=lesion.centre_mm,
        proportions=lesion.proportions,
        size_mm=size_mm,
        is_node=lesion.is_node,
        interior=lesion.interiors[visit],
        seed=int(patient.tracking_uid(lesion)[-9:]),
    )


def _write_images(patient: DemoPatient, scan: DemoScan, made: MadeScan, folder: Path) -> list[Path]:
    grid_mm = (scan.pixels - 1) / 2 * scan.spacing_mm[0]
    words = (patient.pseudonym, *scan.words)
    return write_series(
        folder,
        made.array_zyx,
        scan.spacing_mm,
        modality=scan.modality,
        acquired_on=scan.acquired_on,
        patient_id=patient.pseudonym,
        birth_date=patient.birth_date,
        sex=patient.sex,
        study_uid=uid_from("study", *words),
        series_uid=uid_from("series", *words),
        frame_of_reference_uid=uid_from("frame", *words),
        origin_mm=(-grid_mm, -grid_mm, scan.lowest_mm + scan.table_mm),
        tags=_tags(scan),
    )


def _tags(scan: DemoScan) -> dict[str, object]:
    if scan.modality == Modality.MR:
        return {
            "StudyDescription": "MR brain with contrast",
            "SeriesDescription": "T1 gradient echo axial, after contrast",
            "BodyPartExamined": "BRAIN",
            "ContrastBolusAgent": "Gadolinium",
        }
    hour = 9 + scan.number
    return {
        "StudyDescription": f"CT {scan.region.lower()}",
        "SeriesDescription": f"Portal venous phase {scan.spacing_mm[2]:g} mm" if scan.has_delay else "CT with contrast",
        "Manufacturer": scan.scanner.manufacturer,
        "ManufacturerModelName": scan.scanner.model,
        "DeviceSerialNumber": scan.scanner.serial,
        "ConvolutionKernel": scan.scanner.kernel,
        "BodyPartExamined": "CHEST" if scan.region.startswith("Chest") else "ABDOMEN",
        "ReconstructionDiameter": scan.pixels * scan.spacing_mm[0],
        "ContrastBolusAgent": "Iodinated contrast",
        "ContrastBolusRoute": "IV",
        "ContrastBolusStartTime": f"{hour:02}0850" if scan.has_delay else "",
        "StudyTime": f"{hour:02}0000",
        "SeriesTime": f"{hour:02}0500",
        "AcquisitionTime": f"{hour:02}1000",
        "ContentTime": f"{hour:02}1000",
    }
