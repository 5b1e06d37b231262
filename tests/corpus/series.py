"""Kinds of section 3.3: slices that do or do not make one scan of one patient."""

from datetime import datetime

import numpy as np
import pydicom
from pydicom.uid import UID

from radiomics_tasks.imaging.phantom.nifti_out import write_nifti
from radiomics_tasks.imaging.phantom.pet_tags import pet_tags
from radiomics_tasks.imaging.phantom.uids import uid_from
from tests.corpus.drawn import Draw, edited, kind, kinds

# A series that is turned: direction cosines, row by row, columns are the axes.
TURNED = {
    "sagittal": (0, 0, 1, 1, 0, 0, 0, -1, 0),
    "coronal": (1, 0, 0, 0, 0, 1, 0, -1, 0),
    "feet_first": (-1, 0, 0, 0, 1, 0, 0, 0, -1),
    "slices_downwards": (1, 0, 0, 0, 1, 0, 0, 0, -1),
}
INJECTED = datetime(2026, 3, 2, 10, 0, 0)


def halves(draw: Draw, one: object, other: object) -> list[object]:
    """Some slices with one value, the others with another."""
    cut = 1 + draw.variant
    return [one] * cut + [other] * (draw.shape[0] - cut)


PERSON = {
    "two_patient_ids": ("PatientID", "SYN-A", "SYN-B"),
    "two_names": ("PatientName", "Synthetic^A", "Synthetic^B"),
    "two_birth_dates": ("PatientBirthDate", "19500101", "19510101"),
}


def two_people(draw: Draw, word: str) -> None:
    keyword, one, other = PERSON[word]
    draw.ct(slice_tags={keyword: halves(draw, one, other)})


kinds(tuple(PERSON), two_people)


@kind
def date_in_the_future(draw: Draw) -> None:
    day = f"{2090 + draw.variant}0101"
    draw.ct(tags=dict.fromkeys(("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate"), day))


@kind
def date_before_birth(draw: Draw) -> None:
    draw.ct(tags={"PatientBirthDate": f"2026{4 + draw.variant:02d}01"})


@kind
def several_series(draw: Draw) -> None:
    draw.ct()
    draw.folder = draw.folder / "second"
    draw.ct(draw.voxels() + 1, patient_id=f"SYN-other-{draw.variant}")


@kind
def same_file_twice(draw: Draw) -> None:
    path = draw.ct()[draw.variant]
    path.with_name("copy.dcm").write_bytes(path.read_bytes())


@kind
def one_number_two_images(draw: Draw) -> None:
    path = draw.ct()[draw.variant]
    ds = pydicom.dcmread(path)
    ds.PixelData = ds.PixelData[::-1]
    ds.save_as(path.with_name("again.dcm"))


@kind
def one_place_twice(draw: Draw) -> None:
    path = draw.ct()[draw.variant]
    ds = pydicom.dcmread(path)
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = UID(uid_from(draw.name))
    ds.save_as(path.with_name("again.dcm"))


@kind
def missing_slices(draw: Draw) -> None:
    draw.ct()[1 + draw.variant % (draw.shape[0] - 2)].unlink()


def moved(draw: Draw, number: int, axis: int, by_mm: float) -> None:
    path = sorted((draw.folder / "CT").iterdir())[number]
    ds = pydicom.dcmread(path)
    place = [float(x) for x in ds.ImagePositionPatient]
    place[axis] += by_mm
    ds.ImagePositionPatient = place
    ds.save_as(path)


@kind
def variable_spacing(draw: Draw) -> None:
    draw.ct(spacing_mm=(1.0, 1.0, 2.5))
    moved(draw, 1 + draw.variant % 4, 2, 0.4 + 0.1 * draw.variant)


@kind
def gantry_tilt(draw: Draw) -> None:
    draw.ct()
    for number in range(draw.shape[0]):
        moved(draw, number, 1, number * (0.2 + 0.1 * draw.variant))


@kind
def mixed_orientation(draw: Draw) -> None:
    edited(draw.ct(), draw.variant, ImageOrientationPatient=[0, 1, 0, -1, 0, 0])


@kind
def mixed_pixel_spacing(draw: Draw) -> None:
    edited(draw.ct(), draw.variant, PixelSpacing=[0.5, 0.5])


@kind
def mixed_size(draw: Draw) -> None:
    path = draw.ct()[draw.variant]
    ds = pydicom.dcmread(path)
    ds.Rows -= 2
    ds.PixelData = ds.PixelData[: ds.Rows * ds.Columns * 2]
    ds.save_as(path)


@kind
def mixed_frame_of_reference(draw: Draw) -> None:
    draw.ct(slice_tags={"FrameOfReferenceUID": halves(draw, "1.2.3", "1.2.4")})


@kind
def mixed_rescale(draw: Draw) -> None:
    draw.ct(slice_tags={"RescaleIntercept": halves(draw, -1024, -1000)})


@kind
def mixed_kernel(draw: Draw) -> None:
    draw.ct(slice_tags={"ConvolutionKernel": halves(draw, "B30f", "B70f")})


@kind
def mixed_units(draw: Draw) -> None:
    pet(draw, slice_tags={"Units": halves(draw, "BQML", "CNTS")})


@kind
def ct_without_rescale(draw: Draw) -> None:
    keyword = ("RescaleSlope", "RescaleIntercept")[draw.variant % 2]
    edited(draw.ct(), **{keyword: None})


def pet(draw: Draw, **more: object) -> None:
    array = np.abs(draw.voxels()).astype(np.float64) * 40
    draw.ct(array, modality="PT", tags=pet_tags(injected_at=INJECTED), slope=1.0, **more)


@kind
def pet_with_a_slope_for_each_slice(draw: Draw) -> None:
    array = np.abs(draw.voxels()).astype(np.float64) * 40
    slopes = [0.5 + 0.25 * (number % 4) for number in range(draw.shape[0])]
    draw.ct(array, modality="PT", tags=pet_tags(injected_at=INJECTED), slope=slopes)


@kind
def pet_without_its_dose(draw: Draw) -> None:
    array = np.abs(draw.voxels()).astype(np.float64) * 40
    draw.ct(array, modality="PT", tags=pet_tags(injected_at=INJECTED, dose_bq=None))


kinds(tuple(TURNED), lambda draw, word: draw.ct(direction=tuple(float(x) for x in TURNED[word])))


@kind
def oblique(draw: Draw) -> None:
    angle = np.radians(7 + 9 * draw.variant)
    c, s = float(np.cos(angle)), float(np.sin(angle))
    draw.ct(direction=(1.0, 0.0, 0.0, 0.0, c, -s, 0.0, s, c), origin_mm=(-12.5, 3.0, 40.0))


@kind
def pixels_that_are_not_square(draw: Draw) -> None:
    draw.ct(spacing_mm=(0.5, 0.9 + 0.1 * draw.variant, 3.0))


@kind
def thin_slices(draw: Draw) -> None:
    draw.ct(spacing_mm=(0.7, 0.7, 1.0))


@kind
def thick_slices(draw: Draw) -> None:
    draw.ct(spacing_mm=(0.7, 0.7, 5.0))


@kind
def unsigned_mr(draw: Draw) -> None:
    draw.ct(np.abs(draw.voxels()), modality="MR")


@kind
def files_in_any_order(draw: Draw) -> None:
    slices = draw.ct()
    names = [f"{number:03d}" for number in range(len(slices))]
    draw.random.shuffle(names)
    for path, name in zip(slices, names, strict=True):
        path.rename(path.with_name(name))


@kind
def stated_step_is_another(draw: Draw) -> None:
    draw.ct(tags={"SpacingBetweenSlices": draw.spacing_mm[2] + 0.5 + draw.variant})


@kind
def slices_that_overlap(draw: Draw) -> None:
    draw.ct(tags={"SliceThickness": 2 * draw.spacing_mm[2] + draw.variant})


@kind
def two_slices(draw: Draw) -> None:
    for path in draw.ct()[1 + draw.variant % 2 :]:
        path.unlink()


@kind
def values_that_were_not_scaled(draw: Draw) -> None:
    draw.ct(draw.voxels() + 1100, intercept=0.0)


@kind
def one_value_everywhere(draw: Draw) -> None:
    draw.ct(np.full(draw.shape, (0, -1024, 40, 1000, 65535 - 1024 - 40000)[draw.variant], dtype=np.int16))


@kind
def voxels_that_are_no_numbers(draw: Draw) -> None:
    array = draw.voxels().astype(np.float32)
    array.reshape(-1)[draw.variant :: 97] = (np.nan, np.inf, -np.inf)[draw.variant % 3]
    write_nifti(draw.folder / "scan.nii.gz", array, draw.spacing_mm)


@kind
def orientation_that_is_not_at_right_angles(draw: Draw) -> None:
    edited(draw.ct(), ImageOrientationPatient=[1, 0.02 + 0.05 * draw.variant, 0, 0, 1, 0])


@kind
def position_outside_the_world(draw: Draw) -> None:
    moved_all = (1e6, 1e9, -1e7, 2e5, 1e12)[draw.variant]
    draw.ct(origin_mm=(0.0, moved_all, 0.0))


@kind
def spacing_that_cannot_be(draw: Draw) -> None:
    edited(draw.ct(), PixelSpacing=[(0, -1, 1000, 60, 0)[draw.variant]] * 2)
