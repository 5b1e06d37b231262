"""Nothing that names a person is left in a stored file, at any depth; what measuring needs is."""

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import JPEGLSLossless, RLELossless

from radiomics_tasks.imaging.deidentify import ACTIONS, EMPTIED, KEPT, KEYED, clean_file, store_clean_file
from radiomics_tasks.imaging.dicom import read_headers, read_series
from radiomics_tasks.imaging.phantom.pet_tags import pet_tags
from radiomics_tasks.imaging.series.acquisition import acquisition_facts
from radiomics_tasks.imaging.series.header import read_header
from radiomics_tasks.imaging.series.identity import keyed_uid
from tests.radiomics_tasks.analysis.trust.comparability.pairs import CT
from tests.radiomics_tasks.imaging.series.made import ct, values
from tests.radiomics_tasks.imaging.series.written import write
from tests.radiomics_tasks.imaging.test_suv import SHAPE, TEN

KEY = b"site key of the tests"
SECRET = "Nomen Nescio"
ADDED = {
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "DeidentificationMethodCodeSequence",
    "LongitudinalTemporalInformationModified",
    "PixelData",
}


def secretive(folder) -> Path:
    """A slice with a name in many places: plain, private, nested, in the preamble and behind the pixels."""
    path = ct(folder)[0]
    ds = pydicom.dcmread(path)
    for keyword in ("PatientName", "PatientID", "OtherPatientIDs", "InstitutionName", "OperatorsName", "StudyID"):
        setattr(ds, keyword, SECRET)
    for keyword in ("AccessionNumber", "StationName", "ImageComments", "SeriesDescription", "ProtocolName"):
        setattr(ds, keyword, SECRET[:16])
    request = Dataset()
    request.RequestingPhysician = SECRET
    ds.RequestAttributesSequence = [request]
    ds.private_block(0x0011, "ACME", create=True).add_new(1, "LO", SECRET)
    ds.private_block(0x7FE1, "ACME", create=True).add_new(1, "LO", SECRET)
    ds.preamble = SECRET.encode().ljust(128, b"\0")
    ds.save_as(path)
    return path


def cleaned(path) -> tuple[bytes, Dataset]:
    content = clean_file(read_header(path), KEY)
    return content, pydicom.dcmread(io.BytesIO(content))


def test_no_name_is_left_anywhere(tmp_path):
    path = secretive(tmp_path)
    original = pydicom.dcmread(path)
    content, _ = cleaned(path)
    assert SECRET.encode() in path.read_bytes()
    assert SECRET[:10].encode() not in content
    assert content[:128] == bytes(128)
    for keyword in KEYED:
        assert str(original[keyword].value).encode() not in content


def test_only_listed_elements_are_left(tmp_path):
    _, ds = cleaned(secretive(tmp_path))
    allowed = {*KEPT, *KEYED, *EMPTIED, *ADDED}
    assert [element.keyword for element in ds.iterall() if element.keyword not in allowed] == []
    assert not any(element.tag.is_private for element in ds.iterall())
    assert all(str(ds[keyword].value) == "" for keyword in EMPTIED)


def test_it_says_what_was_done(tmp_path):
    _, ds = cleaned(secretive(tmp_path))
    assert ds.PatientIdentityRemoved == "YES"
    assert ds.LongitudinalTemporalInformationModified == "UNMODIFIED"
    assert [item.CodeValue for item in ds.DeidentificationMethodCodeSequence] == ["113100", "113106"]
    assert ds.StudyDate == ds.AcquisitionDate == "20240301"


def test_uids_are_keyed_and_stay_consistent(tmp_path):
    paths = ct(tmp_path)
    cleans = [cleaned(path)[1] for path in paths]
    original = pydicom.dcmread(paths[0])
    assert len({ds.SeriesInstanceUID for ds in cleans}) == 1
    assert len({ds.SOPInstanceUID for ds in cleans}) == len(paths)
    assert cleans[0].SOPInstanceUID == keyed_uid(original.SOPInstanceUID, KEY)
    assert cleans[0].file_meta.MediaStorageSOPInstanceUID == cleans[0].SOPInstanceUID
    assert keyed_uid(original.SOPInstanceUID, b"another site") != cleans[0].SOPInstanceUID
    assert keyed_uid(original.SOPInstanceUID, KEY).startswith("2.25.")


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", RLELossless, JPEGLSLossless])
def test_a_clean_series_is_the_same_volume(tmp_path, syntax):
    paths = ct(tmp_path / "original", transfer_syntax=syntax)
    out = tmp_path / "out"
    out.mkdir()
    digests = [store_clean_file(read_header(path), KEY, out) for path in paths]
    again = read_series([out / digest for digest in digests])
    assert again.volume.digest == read_series(paths).volume.digest
    assert np.array_equal(again.volume.array, values())
    assert again.headers[0].layout.transfer_syntax_uid == syntax


def test_the_same_file_gives_the_same_bytes(tmp_path):
    path = secretive(tmp_path)
    header = read_header(path)
    first = clean_file(header, KEY)
    assert header.text("Manufacturer")
    assert clean_file(header, KEY) == first == clean_file(read_header(path), KEY)


def test_nested_codes_stay_and_nested_names_go(tmp_path):
    tags = pet_tags(injected_at=TEN)
    items: Any = tags["RadiopharmaceuticalInformationSequence"]
    items[0].add_new(0x00104000, "LT", SECRET)
    path = ct(tmp_path, np.full(SHAPE, 100.0), modality="PT", tags=tags)[0]
    content, ds = cleaned(path)
    tracer = ds.RadiopharmaceuticalInformationSequence[0]
    assert tracer.RadionuclideTotalDose == 370e6
    assert tracer.RadionuclideCodeSequence[0].CodeValue == "77004003"
    assert SECRET.encode() not in content


def test_big_endian_and_what_follows_the_pixels(tmp_path, data_dir):
    for path in sorted((data_dir / "transfer_syntaxes").glob("*.dcm")):
        marked = tmp_path / path.name
        marked.write_bytes(path.read_bytes())
        content, ds = cleaned(marked)
        original = pydicom.dcmread(path)
        assert ds.PixelData == original.PixelData
        assert (ds.Rows, ds.PixelSpacing) == (original.Rows, original.PixelSpacing)
        assert str(original.PatientName).encode() not in content


def test_the_clean_file_still_tells_the_gate_what_the_original_told(tmp_path):
    write(tmp_path / "drop", "CT", {"ReconstructionAlgorithm": "ADMIRE", "XRayTubeCurrent": 210})
    original = read_headers(sorted((tmp_path / "drop").iterdir()))
    clean = [tmp_path / f"clean{index}.dcm" for index in range(len(original))]
    for path, header in zip(clean, original, strict=True):
        path.write_bytes(clean_file(header, KEY))
    before, after = (acquisition_facts(headers, KEY) for headers in (original, read_headers(clean)))
    assert before.pop("DeviceSerialNumber")
    assert after == before
    assert set(CT) - {"DeviceSerialNumber"} <= set(after)


def table() -> dict[str, dict[str, str]]:
    with ACTIONS.open(newline="", encoding="utf-8") as file:
        return {row["keyword"]: row for row in csv.DictReader(file)}


def test_every_action_is_a_code_of_the_standard_and_at_least_as_strict_as_the_profile():
    strictness = {"K": 0, "C": 1, "U": 2, "Z": 2, "D": 2, "X": 3}
    lax = []
    for keyword, row in table().items():
        assert pydicom.datadict.tag_for_keyword(keyword) is not None, keyword
        asked = row["full_dates"] or row["basic_profile"] or "K"
        least = min(strictness[code.strip("*")] for code in asked.split("/"))
        lax += [keyword] if strictness[row["action"]] < least else []
    # The first by the profile's option to clean descriptors.
    assert lax == ["ContrastBolusAgent"]


def follows(action: str, before: str, after: str | None) -> bool:
    """Whether a stored value is what the action makes of the original one."""
    made: dict[str, tuple[str | None, ...]] = {
        "K": (before,),
        "X": (None,),
        "Z": ("",),
        "U": (keyed_uid(before, KEY),),
        "C": (None,) if "Nomen" in before else (before,),
    }
    return after in made[action]


def test_stored_instances_are_held_against_the_table(tmp_path):
    """A file that fills every attribute of the table comes out as the table says."""
    path = ct(tmp_path)[0]
    ds, rows = pydicom.dcmread(path), table()
    filled = {"LO", "SH", "ST", "LT", "UT", "PN", "UC"}
    for keyword in rows:
        vr = pydicom.datadict.dictionary_VR(keyword)
        if vr in filled and keyword not in ds:
            setattr(ds, keyword, SECRET[:16])
    ds.ContrastBolusAgent = f"given to {SECRET}"[:60]
    ds.ReceiveCoilName = "coil 3"
    ds.save_as(path)
    original = pydicom.dcmread(path)
    _, clean = cleaned(path)
    for element in clean:
        assert element.keyword in rows or element.keyword in ADDED, element.keyword
    for keyword, row in rows.items():
        if keyword in original and not keyword.startswith("MediaStorage"):
            before, after = str(original[keyword].value), str(clean[keyword].value) if keyword in clean else None
            assert follows(row["action"], before, after), keyword
    assert clean.ReceiveCoilName == "coil 3"
