"""Bad input taken through the whole intake: each ends with its own sentence, and nothing of it is filed."""

import io
import json
import stat
import zipfile
from pathlib import Path
from random import Random

import numpy as np
import pydicom
import pytest

from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.deidentify import clean_file
from radiomics_tasks.imaging.dicom import read_series
from radiomics_tasks.imaging.phantom.nifti_out import write_nifti
from radiomics_tasks.imaging.phantom.rtstruct_out import write_rtstruct
from radiomics_tasks.imaging.phantom.seg_out import OutlineSpec, write_seg
from radiomics_tasks.imaging.phantom.uids import uid_from
from tests.radiomics_tasks.imaging.series.made import SHAPE, SPACING_MM, ct, values
from tests.radiomics_tasks.imaging.sorting.test_archive import entry, forged_size, zipped
from tests.radiomics_tasks.imaging.test_dicom import edited
from tests.radiomics_tasks.imaging.test_intake import marked
from tests.radiomics_tasks.imaging.uploads import Outcome, upload

GOLDEN = Path(__file__).parents[2] / "golden/real_data.json"


def truncated(drop: Path):
    path = ct(drop)[3]
    path.write_bytes(path.read_bytes()[:-200])


def no_spacing(drop: Path):
    edited(ct(drop), PixelSpacing=None)


def two_patients(drop: Path):
    edited(ct(drop), 2, PatientID="SYN-OTHER")


def missing_slice(drop: Path):
    ct(drop)[2].unlink()


def duplicate_slice(drop: Path):
    ct(drop)
    for path in ct(drop / "again", values(seed=9))[2:3]:
        ds = pydicom.dcmread(path)
        ds.SeriesInstanceUID = pydicom.dcmread(drop / "IM0001.dcm").SeriesInstanceUID
        ds.save_as(drop / "extra.dcm")
    for path in (drop / "again").iterdir():
        path.unlink()


def text_renamed(drop: Path):
    drop.mkdir()
    (drop / "scan.dcm").write_text("This was a letter to the referring physician.")


def nan_voxels(drop: Path):
    array = values().astype(np.float32)
    array[1, 2, 3] = np.nan
    write_nifti(drop / "image.nii.gz", array, SPACING_MM)


def zip_slip(drop: Path):
    drop.mkdir()
    (drop / "a.zip").write_bytes(zipped([("../../etc/cron.d/x", b"x")]))


def symlink(drop: Path):
    drop.mkdir()
    (drop / "a.zip").write_bytes(zipped([(entry("scan.dcm", stat.S_IFLNK | 0o777), b"/etc/passwd")]))


def oversized(drop: Path):
    drop.mkdir()
    (drop / "a.zip").write_bytes(forged_size(zipped([("scan.dcm", bytes(1 << 20))]), (1 << 20) // 100))


BAD = [
    (truncated, "E_TRUNCATED", "File 4 of 6 is cut short. Copy it again."),
    (no_spacing, "E_MISSING_TAG", "Required information is missing: Pixel Spacing. Export the original series again."),
    (missing_slice, "E_MISSING_SLICES", "Slices are missing between 2 and 4. Export the whole series again."),
    (
        duplicate_slice,
        "E_DUP_POSITION",
        "Two images share a position (several phases or time points?). Send one phase at a time.",
    ),
    (text_renamed, "E_NOT_DICOM", "This is not a DICOM file. Send the images as scanner or PACS export them."),
    (nan_voxels, "E_NONFINITE", "1 voxel holds no finite number. Export the image again."),
    (zip_slip, "E_ZIP_PATH", "The archive holds unsafe file paths. Export it again."),
    (symlink, "E_ZIP_SPECIAL", "The archive holds links. Only plain files are accepted: pack the files themselves."),
    (oversized, "E_ZIP_LIED", "The archive is damaged or unsafe: a file is larger than it says. Pack it again."),
]


@pytest.mark.parametrize(("make", "code", "sentence"), BAD, ids=[make.__name__ for make, _, _ in BAD])
def test_bad_scans_are_refused_in_words(tmp_path, make, code, sentence):
    make(tmp_path / "drop")
    outcome = upload(tmp_path / "work", tmp_path / "drop")
    assert outcome.refusals == {code: sentence}
    assert [scan["facts"]["volume_file"] for scan in outcome.scans if scan["facts"]["volume_file"]] == []
    assert [name for scan in outcome.scans for name in scan["files"]] == []


def test_two_patients_in_one_series_wait_for_a_person(tmp_path):
    two_patients(tmp_path / "drop")
    outcome = upload(tmp_path / "work", tmp_path / "drop")
    sentence = (
        "One series names more than one patient, so nobody can file it. Correct it at its source and send it again."
    )
    assert outcome.refusals == {"Q_MIXED_PATIENT": sentence}


def outlined(tmp_path, write, array, **changes) -> Outcome:
    paths = ct(tmp_path / "drop")
    spec = OutlineSpec("liver 1", array, tracking_uid=uid_from("lesion"), tracking_id="liver 1")
    write(tmp_path / "drop/outline.dcm", paths, [spec], **changes)
    return upload(tmp_path / "work", tmp_path / "drop")


def test_a_mask_on_another_grid_says_how_far_off_it_lies(tmp_path):
    ct(tmp_path / "drop")
    write_nifti(tmp_path / "drop/mask.nii.gz", marked().array_zyx, SPACING_MM, origin_mm=(0.0, 0.0, 1.0))
    outcome = upload(tmp_path / "work", tmp_path / "drop")
    assert set(outcome.refusals) == {"E_MASK_GEOMETRY"}
    assert "1.00 mm away" in outcome.refusals["E_MASK_GEOMETRY"]
    assert (outcome.filed, len(outcome.scans)) == ([], 1)


def test_a_mask_of_another_frame_of_reference(tmp_path):
    outcome = outlined(tmp_path, write_seg, marked().array_zyx, tags={"FrameOfReferenceUID": "1.2.3"})
    assert set(outcome.refusals) == {"Q_MASK_OTHER_SCAN"}
    assert "frame of reference" in outcome.refusals["Q_MASK_OTHER_SCAN"]
    assert outcome.filed == []


@pytest.mark.parametrize("write", [write_seg, write_rtstruct])
def test_an_empty_mask(tmp_path, write):
    outcome = outlined(tmp_path, write, np.zeros(SHAPE, dtype=bool))
    assert set(outcome.refusals) == {"E_MASK_EMPTY"}
    assert outcome.filed == []


@pytest.mark.parametrize("write", [write_seg, write_rtstruct])
def test_a_mask_of_one_voxel_is_filed(tmp_path, write):
    array = np.zeros(SHAPE, dtype=bool)
    array[3, 9, 11] = True
    outcome = outlined(tmp_path, write, array)
    assert (outcome.refusals, outcome.filed) == ({}, [("liver 1", 1)])


def test_outlines_of_a_refused_scan_are_named(tmp_path):
    paths = ct(tmp_path / "drop")
    write_seg(tmp_path / "drop/seg.dcm", paths, [marked()])
    paths[2].unlink()
    outcome = upload(tmp_path / "work", tmp_path / "drop")
    assert set(outcome.refusals) == {"E_MISSING_SLICES", "E_NO_SCAN"}
    assert [outline["name"] for outline in outcome.scans[0]["outlines"]] == ["seg.dcm"]


def test_a_bomb_in_a_compressed_image_ends_in_words(tmp_path):
    (tmp_path / "drop").mkdir()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("scan.dcm", bytes(128) + b"DICM" + bytes(8 << 20))
    (tmp_path / "drop/a.zip").write_bytes(buffer.getvalue())
    assert set(upload(tmp_path / "work", tmp_path / "drop").refusals) == {"E_MISSING_TAG"}


def mutant(random: Random, content: bytes) -> bytes:
    """A file with a few bits flipped, bytes cut out or put in, mostly in its header."""
    changed = bytearray(content)
    for _ in range(random.choice([1, 1, 2, 5, 20])):
        at = random.randrange(128, len(changed) - 1000)
        kind = random.randrange(3)
        if kind == 0:
            changed[at] ^= 1 << random.randrange(8)
        elif kind == 1:
            del changed[at : at + random.choice([1, 2, 4])]
        else:
            changed[at:at] = random.randbytes(random.choice([1, 2, 8]))
    return bytes(changed)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.5"])
def test_damaged_headers_are_refused_or_change_no_voxel(tmp_path, syntax):
    paths, random = ct(tmp_path, transfer_syntax=syntax), Random(f"mutants {syntax}")
    truth, outcomes = read_series(paths).volume.digest, []
    for _ in range(80):
        broken = tmp_path / "broken.dcm"
        broken.write_bytes(mutant(random, paths[2].read_bytes()))
        try:
            series = read_series([*paths[:2], broken, *paths[3:]])
        except Refusal as refusal:
            outcomes.append(refusal.code)
            continue
        assert series.volume.digest == truth
        assert all(clean_file(header, b"key") for header in series.headers)
        outcomes.append("same")
    assert {"same", "E_UNREADABLE"} < set(outcomes)


def table() -> dict:
    return json.loads(GOLDEN.read_text())


@pytest.mark.parametrize("folder", table())
def test_what_must_come_out_of_each_real_folder(data_dir, tmp_path, folder):
    assert outcome_of(upload(tmp_path / "work", data_dir / folder)) == table()[folder]


def test_the_table_speaks_of_every_folder(data_dir):
    parts = [data_dir / name for name in ("geometry_faults", "rtstruct", "dicom_seg_sr", "transfer_syntaxes")]
    folders = {path.parent for part in parts for path in part.rglob("*.dcm")}
    assert {str(folder.relative_to(data_dir)) for folder in folders} == set(table())


def outcome_of(outcome: Outcome) -> dict:
    """An outcome as the table has it."""
    problems = sorted(f"{code}: {sentence}" for code, sentence in outcome.refusals.items())
    loose = sorted(loose.file.base_name for loose in outcome.sorted.loose_outlines)
    return {
        "scans filed": [shape_of(scan) for scan in outcome.scans if scan["facts"]["volume_file"]],
        "outlines filed": [f"{name}: {voxels} voxels" for name, voxels in outcome.filed],
        "refused": problems,
        "without their scan": loose,
        "ignored": outcome.sorted.ignored,
    }


def shape_of(scan: dict) -> str:
    return " × ".join(str(count) for count in scan["facts"]["geometry"]["shape"]) + " (slices, rows, columns)"
