"""Bad input, made afresh: one upload a case, with the code and the words that it must be answered with."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.uid import UID

from radiomics_tasks.imaging.phantom.dicom_out import write_series
from radiomics_tasks.imaging.phantom.nifti_out import write_nifti
from radiomics_tasks.imaging.phantom.rtstruct_out import write_rtstruct
from radiomics_tasks.imaging.phantom.seg_out import OutlineSpec, write_seg
from radiomics_tasks.imaging.phantom.uids import uid_from

SHAPE = (8, 32, 32)
SPACING_MM = (1.0, 1.0, 2.5)
DAY = date(2026, 3, 2)
FILE_LIMIT = 1 << 20
# What no sentence may repeat: words of the headers, of the files' content and of the server's own folders.
SECRETS = ("SYN-", "Synthetic^", "1960", "scaped", "2.25.", "/tmp", "/etc", "staging", "work-", "blobs")
HOSTILE_NAME = "<img src=x onerror=alert(1)>.dcm"
Case = Callable[[Path], object]


@dataclass(frozen=True, slots=True)
class Answer:
    """What must come of one bad upload.

    `scans` and `outlines` count what is filed of it, `code` and `words` what is said of what is not.
    """

    code: str
    words: str
    scans: int = 0
    outlines: int = 0


CASES: dict[str, tuple[Case, Answer]] = {}


def case(code: str, words: str, *, scans: int = 0, outlines: int = 0) -> Callable[[Case], Case]:
    """Enter a writer of files into the table under its own name."""

    def entered(write: Case) -> Case:
        CASES[write.__name__] = (write, Answer(code, words, scans, outlines))
        return write

    return entered


def voxels(name: str) -> npt.NDArray[np.int16]:
    """Another scan for each name."""
    rng = np.random.default_rng(list(name.encode()))
    return rng.integers(-100, 200, SHAPE).astype(np.int16)


def ball(*, empty: bool = False) -> npt.NDArray[np.bool_]:
    """A block of 4 x 10 x 10 voxels in the middle, or nothing."""
    mask = np.zeros(SHAPE, dtype=np.bool_)
    mask[2:6, 11:21, 11:21] = not empty
    return mask


def outline(mask: npt.NDArray[np.bool_] | None = None, name: str = "liver 1") -> OutlineSpec:
    return OutlineSpec(name, ball() if mask is None else mask, uid_from("bad input", name), name)


def series(folder: Path, **changes: object) -> list[Path]:
    """A CT of eight slices that has nothing wrong but what is changed; its patient is named as its folder."""
    arguments: dict[str, object] = {"acquired_on": DAY, "patient_id": f"SYN-{folder.name}"} | changes
    return write_series(folder / "CT", voxels(folder.name), SPACING_MM, **arguments)  # type: ignore[arg-type]  # named as there


def good_scan(folder: Path) -> list[Path]:
    """A whole scan with its outline, to be sent twice or by two people at once."""
    slices, mask = series(folder), ball()
    # No two patients have one and the same outline: each lacks a voxel of its own.
    inside = np.argwhere(mask)
    mask[tuple(inside[zlib.crc32(folder.name.encode()) % len(inside)])] = False
    return [*slices, write_seg(folder / "SEG.dcm", slices, [outline(mask)])]


# ---- images
@case("E_TRUNCATED", "File 8 of 8 is cut short. Copy it again")
def truncated_dicom(folder: Path) -> None:
    last = series(folder)[-1]
    last.write_bytes(last.read_bytes()[:-900])


@case("Q_INCOMPLETE", "may therefore be incomplete. Check it or send again")
def dicom_cut_in_its_header(folder: Path) -> None:
    last = series(folder)[-1]
    last.write_bytes(last.read_bytes()[:500])


@case("E_MISSING_TAG", "Pixel Spacing")
def missing_pixel_spacing(folder: Path) -> None:
    series(folder, tags={"PixelSpacing": None})


@case("Q_MIXED_PATIENT", "names more than one patient")
def two_patients_in_one_series(folder: Path) -> None:
    ids = ["SYN-MIXED-A"] * 4 + ["SYN-MIXED-B"] * 4
    series(folder, slice_tags={"PatientID": ids})


@case("E_MISSING_SLICES", "missing between 4 and 6")
def missing_slice(folder: Path) -> None:
    series(folder)[4].unlink()


@case("E_DUP_POSITION", "share a position")
def duplicate_slice(folder: Path) -> None:
    path = series(folder)[3]
    ds = pydicom.dcmread(path)
    other = UID(uid_from("another image", folder.name))
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = other
    ds.save_as(path.with_name("again.dcm"))


@case("Q_SOP_CONFLICT", "two different images")
def one_number_two_images(folder: Path) -> None:
    path = series(folder)[3]
    ds = pydicom.dcmread(path)
    ds.PixelData = bytes(len(ds.PixelData))
    ds.save_as(path.with_name("again.dcm"))


@case("", "", scans=1)
def same_file_twice(folder: Path) -> None:
    path = series(folder)[3]
    path.with_name("copy.dcm").write_bytes(path.read_bytes())


@case("E_NONFINITE", "hold no finite number")
def nan_voxels(folder: Path) -> None:
    values = voxels(folder.name).astype(np.float32)
    values[3, 5:9, 5] = np.nan
    write_nifti(folder / "scan.nii.gz", values, SPACING_MM)


@case("E_NOT_DICOM", "not a DICOM file")
def text_renamed(folder: Path) -> None:
    folder.mkdir()
    (folder / HOSTILE_NAME).write_text("Dear colleague, the scan of Mrs Escaped is attached.\n" * 20)


# ---- masks
@case("E_MASK_GEOMETRY", "away from the scan's grid", scans=1)
def mask_on_another_grid(folder: Path) -> None:
    slices = series(folder)
    for path in slices:
        ds = pydicom.dcmread(path)
        ds.ImagePositionPatient = [0.4, *ds.ImagePositionPatient[1:]]
        ds.save_as(path)
    write_seg(folder / "SEG.dcm", slices, [outline()])
    series(folder)


@case("E_MASK_GEOMETRY", "voxels of", scans=1)
def label_map_on_another_grid(folder: Path) -> None:
    series(folder)
    write_nifti(folder / "mask.nii.gz", ball(), (2.0, 2.0, 2.5))


@case("Q_MASK_OTHER_SCAN", "another frame of reference", scans=1)
def mask_of_another_frame_of_reference(folder: Path) -> None:
    other = uid_from("another frame", folder.name)
    write_seg(folder / "SEG.dcm", series(folder), [outline()], tags={"FrameOfReferenceUID": other})


@case("E_MASK_EMPTY", "Outline the lesion", scans=1)
def empty_mask(folder: Path) -> None:
    write_seg(folder / "SEG.dcm", series(folder), [outline(ball(empty=True))])


@case("E_MASK_EMPTY", "Outline the lesion", scans=1)
def empty_structure(folder: Path) -> None:
    write_rtstruct(folder / "RT.dcm", series(folder), [outline(ball(empty=True))])


@case("", "", scans=1, outlines=1)
def one_voxel_mask(folder: Path) -> None:
    mask = ball(empty=True)
    mask[4, 15, 15] = True
    write_seg(folder / "SEG.dcm", series(folder), [outline(mask)])


# ---- archives
def packed(folder: Path, *more: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    """A good series in a zip, and something more."""
    slices = series(folder)
    path = folder / "scan.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in slices:
            archive.write(each, each.name)
            each.unlink()
        for entry, content in more:
            archive.writestr(entry, content)
    return path


@case("E_ZIP_PATH", "unsafe file paths. Export it again")
def zip_slip(folder: Path) -> None:
    packed(folder, ("../../../../escaped.dcm", b"out of the folder"))


@case("E_ZIP_SPECIAL", "Only plain files are accepted")
def symlink_in_zip(folder: Path) -> None:
    link = zipfile.ZipInfo("link.dcm")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    packed(folder, (link, b"/etc/passwd"))


@case("E_ZIP_FILE_TOO_BIG", "larger than 1 MB")
def oversized_zip_entry(folder: Path) -> None:
    packed(folder, ("huge.dcm", bytes(100 * FILE_LIMIT)))


@case("E_ZIP_LIED", "larger than it says")
def understated_zip_entry(folder: Path) -> None:
    """The entry says a hundredth of its size, in its own header and in the directory."""
    said = 40_000
    path = packed(folder, ("huge.dcm", bytes(100 * said)))
    sizes = struct.pack("<I", 100 * said)
    path.write_bytes(path.read_bytes().replace(sizes, struct.pack("<I", said)))
