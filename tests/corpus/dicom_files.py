"""Kinds of section 3.2: what one DICOM file may be or hold."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEG2000Lossless, JPEGLSLossless, RLELossless

from tests.corpus.drawn import Draw, as_written, edited, kind, kinds, with_syntax
from tests.radiomics_tasks.imaging.series.made import element, nested, part_10, uid

DEFLATED = "1.2.840.10008.1.2.1.99"
CT_CLASS, SR_CLASS = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.88.33"
ENHANCED = ("1.2.840.10008.5.1.4.1.1.2.1", "1.2.840.10008.5.1.4.1.1.4.1", "1.2.840.10008.5.1.4.1.1.130")
JPEG_2000_LOSSY = "1.2.840.10008.1.2.4.91"


@kind
def deflate_bomb(draw: Draw) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    inside = element(0x00080016, b"UI", uid(CT_CLASS)) + element(0x7FE00010, b"OB", bytes(2_000_000 << draw.variant))
    draw.file("scan.dcm", part_10(packer.compress(inside) + packer.flush(), DEFLATED))


SYNTAXES = {
    "film": "1.2.840.10008.1.2.4.100",
    "lossy_jpeg": "1.2.840.10008.1.2.4.51",
    "lossy_jpeg_ls": "1.2.840.10008.1.2.4.81",
    "lossy_jpeg_2000": JPEG_2000_LOSSY,
    "high_throughput_jpeg_2000": "1.2.840.10008.1.2.4.202",
    "private_syntax": "1.2.840.113619.5.2",
}


def other_syntax(draw: Draw, word: str) -> None:
    for path in draw.ct():
        with_syntax(path, SYNTAXES[word])


kinds(tuple(SYNTAXES), other_syntax)


def deep(draw: Draw, word: str) -> None:
    depth = {"nested_200": 200, "nested_5000": 5_000, "nested_100000": 100_000}[word] + draw.variant
    dataset = element(0x00080016, b"UI", uid(CT_CLASS)) + nested(depth, is_closed=draw.variant % 2 == 0)
    draw.file("scan.dcm", part_10(dataset))


kinds(("nested_200", "nested_5000", "nested_100000"), deep)


@kind
def forged_length(draw: Draw) -> None:
    dataset = element(0x00080016, b"UI", uid(CT_CLASS))
    dataset += element(0x00081030, b"UT", b"x" * 20, 0xFFFFFFF0 - draw.variant)
    draw.file("scan.dcm", part_10(dataset))


@kind
def header_cut(draw: Draw) -> None:
    path = draw.ct()[draw.variant]
    content = path.read_bytes()
    group = 144 + struct.unpack_from("<I", content, 140)[0]
    draw.file("scan.dcm", content[: group + 4 + draw.variant])
    for other in (draw.folder / "CT").iterdir():
        other.unlink()


@kind
def no_preamble(draw: Draw) -> None:
    for path in draw.ct():
        path.write_bytes(path.read_bytes()[132 + 4 * draw.variant :])


@kind
def pixel_data_cut(draw: Draw) -> None:
    path = draw.ct()[draw.variant]
    path.write_bytes(path.read_bytes()[: -100 * (1 + draw.variant)])


@kind
def pixel_data_too_short(draw: Draw) -> None:
    path = draw.ct()[draw.variant]
    ds = pydicom.dcmread(path)
    ds.PixelData = ds.PixelData[: -2 * (1 + draw.variant)]
    ds.save_as(path)


@kind
def huge_size_in_header(draw: Draw) -> None:
    edited(draw.ct(), Rows=65535 - draw.variant, Columns=65535)


def encapsulated(draw: Draw, syntax: str, frame: bytes, **elements: object) -> None:
    """Every slice with this one frame."""
    for path in draw.ct(transfer_syntax=ExplicitVRLittleEndian):
        ds = pydicom.dcmread(path)
        for keyword, value in elements.items():
            setattr(ds, keyword, value)
        ds.PixelData = encapsulate([frame])
        ds["PixelData"].is_undefined_length = True
        ds.file_meta.TransferSyntaxUID = UID(syntax)
        ds.save_as(path)


@kind
def run_length_bomb(draw: Draw) -> None:
    runs = b"\x81\0" * (200_000 + draw.variant)
    encapsulated(draw, RLELossless, struct.pack("<16I", 1, 64, *[0] * 14) + runs, Rows=65535, Columns=65535)


@kind
def run_length_longer_than_its_image(draw: Draw) -> None:
    runs = b"\x81\0" * (100_000 + draw.variant)
    encapsulated(draw, RLELossless, struct.pack("<16I", 2, 64, 64 + len(runs), *[0] * 13) + runs + runs)


@kind
def frames_that_are_not_there(draw: Draw) -> None:
    encapsulated(
        draw, RLELossless, struct.pack("<16I", 1, 64, *[0] * 14) + bytes(64), NumberOfFrames=100_000 - draw.variant
    )


def corrupt(draw: Draw, word: str) -> None:
    """One slice whose compressed stream is damaged at its head, or filled with noise."""
    syntax = {"corrupt_run_length": RLELossless, "corrupt_jpeg_ls": JPEGLSLossless}.get(word, JPEG2000Lossless)
    slices = draw.ct(transfer_syntax=JPEGLSLossless if syntax == JPEG2000Lossless else syntax)
    path = slices[draw.variant]
    ds = pydicom.dcmread(path)
    frame = next(pydicom.encaps.generate_frames(ds.PixelData, number_of_frames=1))
    noise = draw.random.randbytes(400)
    broken = noise if syntax == JPEG2000Lossless else frame[: 4 + draw.variant] + noise
    ds.PixelData = encapsulate([broken])
    ds["PixelData"].is_undefined_length = True
    ds.file_meta.TransferSyntaxUID = syntax
    ds.save_as(path)


kinds(("corrupt_run_length", "corrupt_jpeg_ls", "corrupt_jpeg_2000"), corrupt)


@kind
def enhanced_multi_frame(draw: Draw) -> None:
    chosen = ENHANCED[draw.variant % len(ENHANCED)]
    path = draw.ct()[0]
    for other in sorted(path.parent.iterdir())[1:]:
        other.unlink()
    edited([path], SOPClassUID=chosen, NumberOfFrames=1 + draw.variant)


UIDS = {
    "uid_with_letters": b"1.2.abc.4",
    "uid_that_is_a_path": b"../../../etc/passwd",
    "uid_with_empty_part": b"1.2..3.4",
}
kinds(
    tuple(UIDS),
    lambda draw, word: as_written(draw.ct()[draw.variant :], "SOPInstanceUID", UIDS[word] + b"0" * draw.variant),
)


@kind
def uid_too_long(draw: Draw) -> None:
    as_written(draw.ct(), "StudyInstanceUID", b"1." + b"23." * (22 + draw.variant) + b"4")


@kind
def empty_uid(draw: Draw) -> None:
    edited(draw.ct(), draw.variant, SOPInstanceUID="")


REQUIRED = (
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "FrameOfReferenceUID",
    "Modality",
    "PatientID",
    "Rows",
    "Columns",
    "BitsAllocated",
    "PixelRepresentation",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PixelSpacing",
    "ImageOrientationPatient",
    "ImagePositionPatient",
)
kinds(
    tuple(f"without_{word}" for word in REQUIRED),
    lambda draw, word: edited(draw.ct(), **{word.removeprefix("without_"): None}),
)


@kind
def without_SOPClassUID(draw: Draw) -> None:
    edited(draw.ct(), SOPClassUID=None)


@kind
def without_TransferSyntaxUID(draw: Draw) -> None:
    dataset = element(0x00080016, b"UI", uid(CT_CLASS)) + element(0x00080060, b"CS", b"CT")
    content = part_10(dataset)
    start = content.index(struct.pack("<HH", 2, 0x10))
    head = content[:start] + content[start + 8 + 20 :]
    group = struct.unpack_from("<I", head, 140)[0] - 28
    draw.file("scan.dcm", head[:140] + struct.pack("<I", group) + head[144:])


NUMBERS = (b"1,5", b"NaN", b"1e400", b"one", b"0x10")


@kind
def spacing_that_is_no_number(draw: Draw) -> None:
    word = NUMBERS[draw.variant]
    as_written(draw.ct(), "PixelSpacing", word + b"\\" + word)


@kind
def position_that_is_no_number(draw: Draw) -> None:
    as_written(draw.ct(), "ImagePositionPatient", b"0\\" + NUMBERS[draw.variant] + b"\\0")


@kind
def rescale_that_is_no_number(draw: Draw) -> None:
    as_written(draw.ct(), "RescaleSlope", NUMBERS[draw.variant])


@kind
def empty_spacing(draw: Draw) -> None:
    as_written(draw.ct(), "PixelSpacing", b" " * (2 * draw.variant + 2))


CHARSETS = (b"ISO_IR 999", b"NOT A CHARSET", b"ISO 2022 IR 999\\ISO_IR 6", b"UTF-8?", b"KLINGON")


@kind
def unknown_character_set(draw: Draw) -> None:
    as_written(draw.ct(tags={"SpecificCharacterSet": "ISO_IR 100"}), "SpecificCharacterSet", CHARSETS[draw.variant])


@kind
def name_that_is_no_utf8(draw: Draw) -> None:
    paths = draw.ct(tags={"SpecificCharacterSet": "ISO_IR 192"})
    as_written(paths, "PatientName", b"\xff\xfe\xc3\x28^" + b"\xa0\xa1" * (1 + draw.variant))


PEOPLE = (
    b"<img src=x onerror=alert(1)>",
    b"{{7*7}}${7*7}#{7*7}",
    b"'; DROP TABLE patients_patient; --",
    b"A^B^C^D^E^F=G^H=I=J\r\n\x1b[31m",
    "\u202eגברת^כהן".encode() * 40,
)


@kind
def hostile_person_names(draw: Draw) -> None:
    as_written(draw.ct(tags={"SpecificCharacterSet": "ISO_IR 192"}), "PatientName", PEOPLE[draw.variant])


@kind
def colour(draw: Draw) -> None:
    edited(draw.ct(), SamplesPerPixel=3, PhotometricInterpretation=("RGB", "YBR_FULL")[draw.variant % 2])


@kind
def palette(draw: Draw) -> None:
    edited(draw.ct(), draw.variant, PhotometricInterpretation="PALETTE COLOR")


@kind
def inverted_grey(draw: Draw) -> None:
    edited(draw.ct(), PhotometricInterpretation="MONOCHROME1")


def bits(draw: Draw, word: str) -> None:
    allocated = int(word.split("_")[1])
    edited(draw.ct(), draw.variant, BitsAllocated=allocated, BitsStored=allocated, HighBit=allocated - 1)


kinds(("bits_1", "bits_12", "bits_32", "bits_64"), bits)


@kind
def more_bits_than_there_are(draw: Draw) -> None:
    edited(draw.ct(), BitsStored=17 + draw.variant, HighBit=16 + draw.variant)


@kind
def values_beyond_their_bits(draw: Draw) -> None:
    edited(draw.ct(draw.voxels() + 3000), BitsStored=11, HighBit=10)


@kind
def sign_that_flips(draw: Draw) -> None:
    edited(draw.ct(), draw.variant, PixelRepresentation=0)


OBJECTS = {
    "report": SR_CLASS,
    "key_images": "1.2.840.10008.5.1.4.1.1.88.59",
    "presentation": "1.2.840.10008.5.1.4.1.1.11.1",
    "pdf_in_dicom": "1.2.840.10008.5.1.4.1.1.104.1",
    "secondary_capture": "1.2.840.10008.5.1.4.1.1.7",
    "dose_report": "1.2.840.10008.5.1.4.1.1.88.67",
    "radiotherapy_plan": "1.2.840.10008.5.1.4.1.1.481.5",
}


def other_object(folder: Path, draw: Draw, sop_class: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    dataset = element(0x00080016, b"UI", uid(sop_class)) + element(0x00080060, b"CS", b"OT")
    dataset += element(0x0020000E, b"UI", uid(f"1.2.3.{draw.variant}"))
    (folder / "object.dcm").write_bytes(part_10(dataset, sop_class=sop_class))


kinds(tuple(OBJECTS), lambda draw, word: other_object(draw.folder, draw, OBJECTS[word]))


@kind
def reports_beside_a_scan(draw: Draw) -> None:
    draw.ct()
    for word in list(OBJECTS)[draw.variant :]:
        other_object(draw.folder / word, draw, OBJECTS[word])


@kind
def burned_in_text(draw: Draw) -> None:
    edited(draw.ct(), draw.variant, BurnedInAnnotation="YES")


@kind
def localizer(draw: Draw) -> None:
    word = ("LOCALIZER", "SCOUT")[draw.variant % 2]
    draw.ct(tags={"ImageType": ["ORIGINAL", "PRIMARY", word]})


@kind
def reformatted(draw: Draw) -> None:
    word = ("MPR", "MIP", "MINIP", "REFORMATTED", "CURVED")[draw.variant]
    draw.ct(tags={"ImageType": ["DERIVED", "SECONDARY", word]})


@kind
def modality_unlike_its_class(draw: Draw) -> None:
    draw.ct(tags={"Modality": ("MR", "PT", "US", "XX", "CR")[draw.variant]})


@kind
def code_items_too_many(draw: Draw) -> None:
    """A header of a hundred thousand elements is read within its limits, and the scan with it."""
    item = Dataset()
    item.CodeValue, item.CodeMeaning = "1", "x"
    paths = draw.ct()
    edited(paths[:1], ProcedureCodeSequence=[item] * (20_000 + draw.variant))
    if not np.any(draw.truth_zyx):
        raise ValueError("no scan was written")
