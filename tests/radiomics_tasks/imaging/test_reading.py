"""One scan read to the end: facts, outlines and files, from the made-up and from the real."""

import io
import json
from datetime import date
from hashlib import sha256

import numpy as np
import pydicom
import pytest

from patients.made_with import annotator_text, method_text
from patients.words.trust_words import Comparability
from radiomics_tasks.analysis.trust.comparability.gate import pair_comparability
from radiomics_tasks.analysis.trust.comparability.scan_facts import OutlineFacts, ScanFacts
from radiomics_tasks.imaging.formats.nrrd import load_mask, load_volume
from radiomics_tasks.imaging.phantom.nifti_out import write_nifti
from radiomics_tasks.imaging.phantom.seg_out import write_seg
from radiomics_tasks.imaging.reading import read_loose_outlines, read_scan
from radiomics_tasks.imaging.series.facts import empty_facts
from radiomics_tasks.imaging.series.identity import hashed_identity
from radiomics_tasks.imaging.volume import Grid, place_on
from tests.radiomics_tasks.imaging.series.made import SPACING_MM, ct, values
from tests.radiomics_tasks.imaging.test_intake import marked
from tests.radiomics_tasks.imaging.uploads import KEY, TODAY, received, upload

DEMO = "demo_longitudinal_simulated/DEMO-LIVER-01"


def made(tmp_path, **changes):
    """A made-up CT with one outline, uploaded and read."""
    paths = ct(tmp_path / "drop", **changes)
    write_seg(tmp_path / "drop/seg.dcm", paths, [marked()])
    return upload(tmp_path / "work", tmp_path / "drop")


def test_every_named_file_is_there_under_its_digest(tmp_path):
    (scan,) = made(tmp_path).scans
    facts, (outline,) = scan["facts"], scan["outlines"]
    folder = tmp_path / "work/scan0"
    assert scan["files"] == sorted(path.name for path in folder.iterdir())
    assert all(sha256((folder / name).read_bytes()).hexdigest() == name for name in scan["files"])
    manifest = json.loads((folder / outline["slices"]["manifest"]).read_text())
    named = {facts["volume_file"], facts["thumbnail"], outline["mask_file"], outline["slices"]["manifest"]}
    named |= {*facts["instances"], *(each["png"] for each in manifest["slices"])}
    assert named == set(scan["files"])
    assert set(facts) == set(empty_facts())


def test_the_stored_volume_and_mask_are_those_that_were_sent(tmp_path):
    (scan,) = made(tmp_path).scans
    folder = tmp_path / "work/scan0"
    volume = load_volume(folder / scan["facts"]["volume_file"])
    mask = load_mask(folder / scan["outlines"][0]["mask_file"])
    assert np.array_equal(volume.array, values())
    assert volume.digest == scan["facts"]["volume_digest"]
    assert np.array_equal(place_on(volume.grid, mask).array, marked().array_zyx)
    assert scan["outlines"][0]["voxels"] == marked().array_zyx.sum() == 32
    assert scan["outlines"][0]["centroid_mm"] == pytest.approx([7.5 * 0.8, 6.5 * 0.7, 2.5 * 2.5])
    assert Grid.from_dict(scan["facts"]["geometry"]) == volume.grid


def test_facts_say_when_how_and_who_without_saying_who(tmp_path):
    (scan,) = made(tmp_path, tags={"SeriesDescription": "CHEST of SYN-T1"}).scans
    facts = scan["facts"]
    assert (facts["kind"], facts["modality"], facts["unit"], facts["is_synthetic"]) == ("dicom", "CT", "HU", True)
    assert (facts["acquired_on"], facts["date_source"]) == ("2024-03-01", "AcquisitionDate")
    assert facts["identity"] == hashed_identity("SYN-T1", "19600101", "O", KEY)
    assert facts["acquisition"]["KVP"] == 120.0
    assert facts["acquisition"]["ConvolutionKernel"] == "STANDARD"
    assert facts["description"] == ""
    assert "SYN-T1" not in json.dumps(scan)
    assert "19600101" not in json.dumps(scan)


def test_instances_stand_in_the_order_of_the_volume(tmp_path):
    (scan,) = made(tmp_path, direction=(1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, -1.0)).scans
    folder = tmp_path / "work/scan0"
    volume = load_volume(folder / scan["facts"]["volume_file"])
    for k, digest in enumerate(scan["facts"]["instances"]):
        ds = pydicom.dcmread(io.BytesIO((folder / digest).read_bytes()))
        assert float(ds.ImagePositionPatient[2]) == pytest.approx(float(volume.grid.to_patient_mm((0, 0, k))[2]))
        assert np.array_equal(volume.array[k], np.flip(ds.pixel_array.astype(np.float32) - 1024, axis=0))
        assert ds.SOPInstanceUID == scan["facts"]["sop_instance_uids"][k]


def test_the_same_upload_gives_the_same_digests(tmp_path):
    first, second = made(tmp_path / "a"), made(tmp_path / "b")
    assert first.scans == second.scans


@pytest.mark.parametrize(
    ("tags", "day", "source"),
    [
        ({}, "2024-03-01", "AcquisitionDate"),
        ({"AcquisitionDate": ""}, "2024-02-02", "SeriesDate"),
        ({"AcquisitionDate": None, "SeriesDate": None}, "2024-02-03", "ContentDate"),
        ({"AcquisitionDate": None, "SeriesDate": "", "ContentDate": ""}, "2024-02-04", "StudyDate"),
    ],
)
def test_the_date_is_the_images_first_filled_one(tmp_path, tags, day, source):
    dates = {"SeriesDate": "20240202", "ContentDate": "20240203", "StudyDate": "20240204"}
    ct(tmp_path / "drop", tags=dates | tags)
    facts = upload(tmp_path / "work", tmp_path / "drop").scans[0]["facts"]
    assert (facts["acquired_on"], facts["date_source"], facts["date_problem"]) == (day, source, "")


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"AcquisitionDate": "18991231"}, "before 1990"),
        ({"AcquisitionDate": "20261125"}, "in the future"),
        ({"PatientBirthDate": "20240302"}, "before the patient's birth"),
        ({"AcquisitionDate": "20240230"}, "is not a date"),
        ({"AcquisitionDate": None, "SeriesDate": None, "ContentDate": None, "StudyDate": ""}, "carries no date"),
    ],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR DA")
def test_an_absurd_or_absent_date_asks(tmp_path, tags, words):
    ct(tmp_path / "drop", tags=tags)
    facts = upload(tmp_path / "work", tmp_path / "drop").scans[0]["facts"]
    assert (facts["acquired_on"], facts["date_source"]) == (None, "")
    assert words in facts["date_problem"]
    assert facts["date_problem"].endswith("Say when the scan was made.")
    assert facts["volume_file"]


def test_a_series_of_two_people_has_no_identity(tmp_path):
    paths = ct(tmp_path / "drop")
    ds = pydicom.dcmread(paths[0])
    ds.PatientID = "SYN-T2"
    ds.save_as(paths[0])
    outcome = upload(tmp_path / "work", tmp_path / "drop")
    assert set(outcome.refusals) == {"Q_MIXED_PATIENT"}
    assert set(outcome.scans[0]["facts"]["identity"].values()) == {""}


def test_an_outline_comes_later_than_its_scan(tmp_path):
    """Its UIDs are then compared in their keyed form."""
    paths = ct(tmp_path / "drop")
    facts = upload(tmp_path / "work", tmp_path / "drop").scans[0]["facts"]
    seg = write_seg(tmp_path / "later/seg.dcm", paths, [marked()])
    (tmp_path / "out").mkdir()
    grid = Grid.from_dict(facts["geometry"])
    volume = tmp_path / "work/scan0" / facts["volume_file"]
    (outline,) = read_loose_outlines(received(seg), grid, facts, volume, tmp_path / "out", KEY)
    assert (outline["voxels"], outline["problems"]) == (32, [])
    (other,) = read_loose_outlines(received(seg), grid, facts, volume, tmp_path / "out", b"another key")
    assert [problem["code"] for problem in other["problems"]] == ["Q_MASK_OTHER_SCAN"]


def test_a_single_file_image_knows_no_date(tmp_path):
    write_nifti(tmp_path / "drop/image.nii.gz", values().astype(np.float32) + 0.5, SPACING_MM)
    write_nifti(tmp_path / "drop/mask.nii.gz", marked().array_zyx, SPACING_MM)
    (scan,) = upload(tmp_path / "work", tmp_path / "drop").scans
    facts = scan["facts"]
    assert (facts["kind"], facts["modality"], facts["unit"], facts["acquired_on"]) == ("nifti", "", "a.u.", None)
    assert facts["date_problem"] == "The file carries no date. Say when the scan was made."
    assert [outline["voxels"] for outline in scan["outlines"]] == [32]


def test_a_real_course_from_seg_and_rtstruct(data_dir, tmp_path):
    outcome = upload(tmp_path / "work", data_dir / DEMO)
    assert [scan["facts"]["acquired_on"] for scan in outcome.scans] == [
        "2021-03-01",
        "2021-04-12",
        "2021-05-24",
        "2021-08-16",
    ]
    tracked = [{o["tracking_uid"] for o in scan["outlines"] if o["format"] == "SEG"} for scan in outcome.scans]
    assert all(uids == tracked[0] and len(uids) == 2 for uids in tracked)
    for scan in outcome.scans:
        voxels = {(outline["name"], outline["format"]): outline["voxels"] for outline in scan["outlines"]}
        assert all(abs(voxels[name, "SEG"] - voxels[name, "RTSTRUCT"]) <= 2 for name in ("L1", "L2"))
    assert outcome.refusals == {}


def test_the_real_phantom_waits_for_its_date(data_dir, tmp_path):
    (scan,) = upload(tmp_path / "work", data_dir / "ibsi1_ct_phantom/dicom").scans
    assert (scan["facts"]["acquired_on"], scan["problems"]) == (None, [])
    assert scan["facts"]["date_problem"] == "The file carries no date. Say when the scan was made."
    assert [(outline["name"], outline["voxels"]) for outline in scan["outlines"]] == [("GTV-1", 125_256)]


def test_the_real_sarcoma_in_three_modalities(data_dir, tmp_path):
    scans = upload(tmp_path / "work", data_dir / "sts_ct_pet_mr/STS_002/dicom").scans
    found = {scan["facts"]["modality"]: scan for scan in scans}
    assert {name: scan["facts"]["acquired_on"] for name, scan in found.items()} == {
        "CT": "2006-01-28",
        "MR": "2006-01-03",
        "PT": "2006-01-28",
    }
    assert {name: scan["facts"]["unit"] for name, scan in found.items()} == {"CT": "HU", "MR": "a.u.", "PT": "SUVbw"}
    names = {name: scan["outlines"][0]["name"] for name, scan in found.items()}
    assert names == {"CT": "GTV_Mass_CT", "MR": "GTV_Mass_MR_T1", "PT": "GTV_Mass_PET"}
    assert len({scan["facts"]["identity"]["patient_id_hmac"] for scan in scans}) == 1


def test_no_scan_is_younger_than_today(tmp_path):
    paths = ct(tmp_path / "drop", acquired_on=TODAY)
    scan = upload(tmp_path / "work", tmp_path / "drop").sorted.scans[0]
    (tmp_path / "out").mkdir()
    assert paths
    read = read_scan(scan, tmp_path / "out", KEY, date(2026, 11, 23))
    assert "future" in read.facts["date_problem"]


def made_with(tmp_path, **tags):
    """What is kept of how the one outline of a made-up upload was made."""
    paths = ct(tmp_path / "drop")
    write_seg(tmp_path / "drop/seg.dcm", paths, [marked()], tags=tags)
    (scan,) = upload(tmp_path / "work", tmp_path / "drop").scans
    return scan["outlines"][0]["made_with"]


def test_an_outline_keeps_its_tool_and_a_hash_of_who_drew_it(tmp_path):
    kept = made_with(tmp_path / "one", ContentCreatorName="Muster^Eva", SoftwareVersions=["2", "b"])
    same = made_with(tmp_path / "same", ContentCreatorName="MUSTER^EVA")
    other = made_with(tmp_path / "other", ContentCreatorName="Beispiel^Max")
    assert (kept["format"], kept["algorithm_type"]) == ("SEG", "MANUAL")
    assert kept["tool"] == "Synthetic Scanners Phantom Reader 2 b"
    assert kept["annotator"] == same["annotator"] != other["annotator"]
    assert "muster" not in str(kept).casefold()


def test_an_outline_of_which_nobody_is_named_has_no_annotator(tmp_path):
    assert made_with(tmp_path, ContentCreatorName="")["annotator"] == ""


def test_another_tool_or_reader_is_a_warning_between_two_visits(tmp_path):
    first, second = made_with(tmp_path / "a"), made_with(tmp_path / "b", SoftwareVersions="2")
    facts = [OutlineFacts(method=method_text(made), annotator=annotator_text(made)) for made in (first, second, first)]
    sides = [ScanFacts(modality="CT", acquired_on=TODAY, outline=outline) for outline in facts]
    warned, quiet = (pair_comparability(sides[0], side).hits for side in sides[1:])
    assert [hit.level for hit in warned if hit.code == "SEGMENTATION" and not hit.is_silent] == [Comparability.WARN]
    assert not [hit for hit in quiet if hit.code == "SEGMENTATION" and not hit.is_silent]
