"""Uploads full of names: the mark ZZPHI-nnn in every text that a file can carry, beside and inside it."""

import gzip
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pydicom
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset

from radiomics_tasks.imaging.deidentify import attributes
from radiomics_tasks.imaging.phantom.nifti_out import write_nifti
from tests.corpus.drawn import Draw

MARK = "ZZPHI"
TEXT = {"LO": 64, "SH": 16, "ST": 200, "LT": 200, "UT": 200, "PN": 64, "UC": 64, "AE": 16}
# Machine-written words that are kept on purpose: the scanner, and how it made the image.
NOT_MARKED = {*attributes("K"), "TransferSyntaxUID"}
NOWHERE = {"PatientID", "CodingSchemeDesignator"}


@dataclass
class Marks:
    """Counts the marks, so that each place has its own number."""

    upload: int
    count: int = 0

    def next(self) -> str:
        """Another mark."""
        self.count += 1
        return f"{MARK}-{self.upload:03d}{self.count:03d}"


def text_keywords() -> list[str]:
    """Every element of the data dictionary that the table of actions names and that holds text."""
    named = [*attributes("X"), *attributes("Z"), *attributes("C")]
    return [word for word in named if dictionary_VR(word) in TEXT and word not in NOT_MARKED | NOWHERE]


def mark(ds: Dataset, marks: Marks, *, nested: bool = True) -> None:
    """Marks in all its texts, in private elements and in sequences inside it."""
    for keyword in text_keywords():
        mark_text = f"{marks.next()}^Jane" if dictionary_VR(keyword) == "PN" else marks.next()
        setattr(ds, keyword, mark_text[: TEXT[dictionary_VR(keyword)]])
    ds.private_block(0x0011, f"{MARK} maker", create=True).add_new(1, "LO", marks.next())
    ds.private_block(0x7FE1, f"{MARK} maker", create=True).add_new(2, "UT", marks.next())
    ds.DataSetTrailingPadding = marks.next().encode()
    if nested:
        inner, deeper = Dataset(), Dataset()
        mark(deeper, marks, nested=False)
        inner.RequestedProcedureDescription = marks.next()
        inner.ReferencedStudySequence = [deeper]
        ds.RequestAttributesSequence = [inner]
        ds.OtherPatientIDsSequence = [deeper]


def mark_file(path: Path, marks: Marks) -> None:
    """A DICOM file with marks everywhere, its preamble included."""
    ds = pydicom.dcmread(path)
    mark(ds, marks)
    ds.PatientID = f"{MARK}-{marks.upload:03d}"
    ds.PatientName = f"{MARK}-{marks.upload:03d}^Jane"
    ds.PatientBirthDate = "19600101"
    for segment in ds.get("SegmentSequence", []):
        segment.SegmentLabel = marks.next()
        segment.TrackingID = marks.next()
        segment.SegmentDescription = marks.next()
        segment.SegmentAlgorithmName = marks.next()
    for roi in ds.get("StructureSetROISequence", []):
        roi.ROIName = marks.next()
        roi.ROIDescription = marks.next()
        roi.ROIGenerationDescription = marks.next()
    for seen in ds.get("RTROIObservationsSequence", []):
        seen.ROIObservationLabel = marks.next()[:16]
        seen.ROIInterpreter = f"{marks.next()}^Joe"
    ds.preamble = marks.next().encode().ljust(128, b"\0")
    ds.save_as(path)


def series(draw: Draw, marks: Marks) -> list[Path]:
    """A CT of one patient, full of marks but for what makes it a series."""
    slices = draw.ct(series_uid=f"1.2.826.0.1.{marks.upload}.9")
    for path in slices:
        mark_file(path, Marks(marks.upload))
    return slices


def scan_alone(draw: Draw, marks: Marks) -> None:
    series(draw, marks)


def with_seg(draw: Draw, marks: Marks) -> None:
    slices = draw.ct()
    path = draw.seg(slices)
    for each in [*slices, path]:
        mark_file(each, Marks(marks.upload))
    path.rename(path.with_name(f"{marks.next()} lesion.dcm"))


def with_rtstruct(draw: Draw, marks: Marks) -> None:
    slices = draw.ct()
    path = draw.rtstruct(slices)
    for each in [*slices, path]:
        mark_file(each, Marks(marks.upload))


def label_alone(draw: Draw, marks: Marks) -> None:
    """Headers that name nobody, and a label that does: nothing says that it is a name."""
    slices = draw.ct()
    if draw.variant % 2:
        path = draw.rtstruct(slices)
        ds = pydicom.dcmread(path)
        ds.StructureSetROISequence[0].ROIName = f"{marks.next()} liver 1"
    else:
        path = draw.seg(slices)
        ds = pydicom.dcmread(path)
        ds.SegmentSequence[0].SegmentLabel = f"{marks.next()} liver 1"
        ds.SegmentSequence[0].TrackingID = f"{marks.next()} liver 1"
    ds.save_as(path)


def in_zip(draw: Draw, marks: Marks) -> None:
    slices = series(draw, marks)
    with zipfile.ZipFile(draw.folder / f"{marks.next()}.zip", "w") as archive:
        archive.comment = marks.next().encode()
        for number, path in enumerate(slices):
            info = zipfile.ZipInfo(f"{MARK}-{marks.upload:03d}/{marks.next()}-{number}.dcm")
            info.comment = marks.next().encode()
            archive.writestr(info, path.read_bytes())
            path.unlink()


def in_named_folders(draw: Draw, marks: Marks) -> None:
    slices = series(draw, marks)
    for path in slices:
        path.rename(path.with_name(f"{marks.next()} {path.name}"))
    (draw.folder / "CT").rename(draw.folder / marks.next())


def nifti(draw: Draw, marks: Marks) -> None:
    path = write_nifti(draw.folder / "x.nii", draw.voxels(), draw.spacing_mm)
    raw = bytearray(path.read_bytes())
    for at, size in ((148, 80), (228, 24), (328, 16), (4, 10), (14, 18)):
        raw[at : at + size] = marks.next().encode()[:size].ljust(size, b"\0")
    struct.pack_into("<4s", raw, 344, b"n+1\0")
    path.unlink()
    packed = gzip.compress(bytes(raw), mtime=0)
    draw.file(f"{marks.next()}.nii.gz", packed)


def nrrd(draw: Draw, marks: Marks) -> None:
    path = write_nifti(draw.folder / "x.nrrd", draw.voxels(), draw.spacing_mm)
    head, blank, body = path.read_bytes().partition(b"\n\n")
    more = f"\n# {marks.next()}\ncontent: {marks.next()}\nPatientName:={marks.next()}\nsample units: {marks.next()}"
    path.unlink()
    draw.file(f"{marks.next()}.nrrd", head + more.encode() + blank + body)


def refused_scan(draw: Draw, marks: Marks) -> None:
    series(draw, marks)[1].unlink()


def damaged_files(draw: Draw, marks: Marks) -> None:
    slices = series(draw, marks)
    for path in slices:
        path.write_bytes(path.read_bytes()[: 700 + 300 * draw.variant])
    draw.file(f"{marks.next()}/{marks.next()}.dcm", f"Dear {marks.next()}".encode())


def letter(draw: Draw, marks: Marks) -> None:
    draw.file(f"{marks.next()}.dcm", f"<p>{marks.next()}</p>".encode())
    draw.file(f"{marks.next()}.zip", f"PK {marks.next()}".encode())
    draw.file(f"{marks.next()}.mhd", f"ObjectType = Image\nName = {marks.next()}\n".encode())


SHAPES: tuple[Callable[[Draw, Marks], None], ...] = (
    with_seg,
    with_rtstruct,
    label_alone,
    in_zip,
    nifti,
    nrrd,
    scan_alone,
    in_named_folders,
    refused_scan,
    damaged_files,
    letter,
)


def marked_upload(root: Path, number: int) -> Path:
    """One upload, its shape by its number; the folder that is sent bears a mark, too."""
    shape = SHAPES[number % len(SHAPES)]
    folder = root / f"{MARK}-{number:03d}"
    shape(Draw(f"{shape.__name__} {number}", number % 5, folder), Marks(number))
    return folder
