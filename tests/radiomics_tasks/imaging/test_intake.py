"""An upload is sorted by what its files hold; every file ends somewhere, and nothing by its name."""

import json
import shutil
import zipfile

import numpy as np
import pydicom
import pytest

from radiomics_tasks.imaging.intake import ReceivedFile, SortedUpload, sort_upload
from radiomics_tasks.imaging.phantom.nifti_out import write_nifti
from radiomics_tasks.imaging.phantom.rtstruct_out import write_rtstruct
from radiomics_tasks.imaging.phantom.seg_out import OutlineSpec, write_seg
from radiomics_tasks.imaging.phantom.uids import uid_from
from radiomics_tasks.imaging.series.identity import keyed_uid
from tests.radiomics_tasks.imaging.series.made import SHAPE, SPACING_MM, ct, part_10, values
from tests.radiomics_tasks.imaging.uploads import KEY, LIMITS, received


def sort(tmp_path, *roots) -> SortedUpload:
    return sort_upload(received(*roots), tmp_path / "unpacked", LIMITS, KEY)


def marked() -> OutlineSpec:
    array = np.zeros(SHAPE, dtype=bool)
    array[2:4, 5:9, 6:10] = True
    return OutlineSpec("liver 1", array, tracking_uid=uid_from("lesion"), tracking_id="liver 1")


def codes(result: SortedUpload) -> list[str]:
    return [refused.refusal.code for refused in result.refused]


def test_content_decides_and_names_do_not(tmp_path):
    paths = ct(tmp_path / "drop")
    names = ["report.pdf", "photo.jpg", "no_extension", "a.zip", "=cmd|' /C calc'!A0", "x" * 200]
    for path, name in zip(paths, names, strict=True):
        path.rename(path.with_name(name[:200].replace("/", "_")))
    result = sort(tmp_path, tmp_path / "drop")
    assert [len(scan.files) for scan in result.scans] == [6]
    assert (result.refused, result.ignored) == ((), 0)


def test_each_series_and_its_outlines_find_each_other(tmp_path):
    for name in ("SYN-A", "SYN-B"):
        paths = ct(tmp_path / "drop" / name, values(seed=len(name) + ord(name[-1])), patient_id=name)
        write_seg(tmp_path / "drop" / f"{name}.seg", paths, [marked()])
        write_rtstruct(tmp_path / "drop" / f"{name}.rt", paths, [marked()])
    result = sort(tmp_path, tmp_path / "drop")
    found = [[outline.base_name for outline in scan.outlines] for scan in result.scans]
    assert found == [["SYN-A.rt", "SYN-A.seg"], ["SYN-B.rt", "SYN-B.seg"]]
    assert result.loose_outlines == ()


def test_an_outline_without_its_scan_says_which_one_it_wants(tmp_path):
    paths = ct(tmp_path / "elsewhere")
    (tmp_path / "drop").mkdir()
    write_seg(tmp_path / "drop" / "seg.dcm", paths, [marked()])
    (loose,) = sort(tmp_path, tmp_path / "drop").loose_outlines
    ds = pydicom.dcmread(paths[0])
    assert loose.series_instance_uid == keyed_uid(ds.SeriesInstanceUID, KEY)
    assert loose.frame_of_reference_uid == keyed_uid(ds.FrameOfReferenceUID, KEY)


def test_one_frame_of_reference_with_several_series_does_not_match_by_frame(data_dir, tmp_path):
    result = sort(tmp_path, data_dir / "sts_ct_pet_mr/STS_002/dicom")
    found = {scan.files[0].folder[1]: [outline.folder[1] for outline in scan.outlines] for scan in result.scans}
    assert found == {"CT": ["CT"], "MR_T1": ["MR_T1"], "PET": ["PET"]}


def test_label_maps_go_to_the_scan_on_whose_grid_they_lie(tmp_path):
    drop = tmp_path / "drop"
    ct(drop / "a", origin_mm=(0.0, 0.0, 0.0))
    ct(drop / "b", values(seed=8), origin_mm=(0.0, 0.0, 500.0), patient_id="SYN-B")
    write_nifti(drop / "m.nii.gz", marked().array_zyx, SPACING_MM, origin_mm=(0.0, 0.0, 500.0))
    write_nifti(drop / "part.nrrd", marked().array_zyx[1:5, 2:, 3:], SPACING_MM, origin_mm=(2.4, 1.4, 2.5))
    write_nifti(drop / "other.nrrd", marked().array_zyx, SPACING_MM, origin_mm=(0.0, 0.0, 0.7))
    result = sort(tmp_path, drop)
    assert [[outline.base_name for outline in scan.outlines] for scan in result.scans] == [["part.nrrd"], ["m.nii.gz"]]
    assert [loose.file.base_name for loose in result.loose_outlines] == ["other.nrrd"]


def test_a_label_map_that_fits_two_scans_asks(tmp_path):
    drop = tmp_path / "drop"
    ct(drop / "a")
    ct(drop / "b", values(seed=8), patient_id="SYN-B")
    write_nifti(drop / "mask.nii.gz", marked().array_zyx, SPACING_MM)
    assert codes(sort(tmp_path, drop)) == ["Q_MASK_AMBIGUOUS"]
    (drop / "mask.nii.gz").rename(drop / "b" / "mask.nii.gz")
    result = sort(tmp_path, drop)
    assert [len(scan.outlines) for scan in result.scans] == [0, 1]


def test_companions_are_counted_and_passed_over(tmp_path):
    drop = tmp_path / "drop"
    ct(drop)
    for name in ("README.txt", ".DS_Store", "Thumbs.db", "DICOMDIR", "notes.md", "__MACOSX/._IM0001.dcm"):
        (drop / name).parent.mkdir(exist_ok=True)
        (drop / name).write_bytes(b"../../etc/passwd")
    (drop / "report.dcm").write_bytes(sr())
    result = sort(tmp_path, drop)
    assert (len(result.scans), result.ignored, codes(result)) == (1, 7, [])


def sr(syntax: str = "1.2.840.10008.1.2.1") -> bytes:
    from tests.radiomics_tasks.imaging.series.made import element, uid

    report = "1.2.840.10008.5.1.4.1.1.88.33"
    return part_10(element(0x00080016, b"UI", uid(report)), syntax, report)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99"])
def test_reports_alone_are_no_scan(tmp_path, syntax):
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop/report.dcm").write_bytes(sr(syntax))
    result = sort(tmp_path, tmp_path / "drop")
    assert (result.ignored, codes(result)) == (1, ["E_MODALITY"])
    sentence = "No image series found in this upload. Send the CT, MR or PET images with their outlines."
    assert result.refused[0].refusal.sentence == sentence


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.dcm", b"", "E_EMPTY"),
        ("a.dcm", b"<html><body>login</body></html>", "E_NOT_DICOM"),
        ("a", b"plain text", "E_NOT_DICOM"),
        ("a.zip", b"Rar!\x1a\x07\x00", "E_TYPE"),
        ("a.zip", b"plain text", "E_TYPE"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c" + bytes(30), "E_TYPE"),
        ("a.tar", b"a".ljust(257, b"\0") + b"ustar" + bytes(250), "E_TYPE"),
        ("a.tgz", b"\x1f\x8b\x08\0" + bytes(30), "E_TYPE"),
        ("a.exe", b"MZ" + bytes(500), "E_TYPE"),
        ("a.nii", b"plain text", "E_TYPE"),
        ("a.mhd", b"ObjectType = Image\nElementDataFile = /etc/passwd\n", "E_DETACHED"),
        ("a.bin", b"NDims = 3\nElementDataFile = /etc/passwd\n", "E_DETACHED"),
        ("a.hdr", bytes(348), "E_DETACHED"),
        ("a.nhdr", b"NRRD0004\ntype: uchar\ndimension: 3\ndata file: /etc/passwd\n\n", "E_DETACHED"),
        ("a.dcm", b"MZ".ljust(128, b"\0") + b"DICM" + bytes(50), "E_POLYGLOT"),
        ("a.dcm", b"%PDF-1.7".ljust(128, b"\0") + b"DICM" + bytes(50), "E_POLYGLOT"),
    ],
)
def test_files_that_are_not_taken(tmp_path, name, content, code):
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / name).write_bytes(content)
    result = sort(tmp_path, tmp_path / "drop")
    assert codes(result) == [code]
    assert (result.scans, result.loose_outlines) == ((), ())
    assert b"root:" not in json.dumps(result.as_dict()).encode()


def test_names_are_for_reading_only(tmp_path):
    (tmp_path / "x").write_bytes(b"")
    names = ["<script>a\r\n\x1b[31m.dcm", "folder/" * 100 + "IM0007.dcm"]
    files = [ReceivedFile(tmp_path / "x", name) for name in names]
    found = [refused.name for refused in sort_upload(files, tmp_path / "unpacked", LIMITS, KEY).refused]
    assert found[0] == "<script>a [31m.dcm"
    assert (len(found[1]), found[1][:1], found[1][-17:]) == (120, "…", "folder/IM0007.dcm")


def test_a_dicom_file_that_is_a_zip_too(tmp_path):
    path = ct(tmp_path / "drop")[0]
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("evil", b"x")
    assert codes(sort(tmp_path, tmp_path / "drop")) == ["E_ZIP_NOT_AT_ZERO"]


def test_archives_share_one_allowance(tmp_path):
    drop = tmp_path / "drop"
    drop.mkdir()
    for number in range(5):
        with zipfile.ZipFile(drop / f"{number}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("big.txt", bytes(15 << 20))
    assert codes(sort(tmp_path, drop)) == ["E_ZIP_TOTAL"]


def test_of_a_refused_archive_nothing_stays_on_disk(tmp_path):
    drop = tmp_path / "drop"
    drop.mkdir()
    for number in range(3):
        with zipfile.ZipFile(drop / f"{number}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("1.dcm", bytes(100_000))
            archive.writestr("2.zip", b"PK\x03\x04")
    result = sort_upload(received(drop), tmp_path / "unpacked", LIMITS, KEY)
    assert [refused.refusal.code for refused in result.refused] == ["E_NESTED_ARCHIVE"] * 3
    assert [path for path in (tmp_path / "unpacked").rglob("*") if path.is_file()] == []


def test_a_zip_is_sorted_like_a_folder(tmp_path):
    paths = ct(tmp_path / "drop")
    write_seg(tmp_path / "drop/seg.dcm", paths, [marked()])
    archive = shutil.make_archive(str(tmp_path / "upload"), "zip", tmp_path / "drop")
    result = sort_upload([ReceivedFile(tmp_path / "upload.zip", "upload.zip")], tmp_path / "unpacked", LIMITS, KEY)
    assert archive
    (scan,) = result.scans
    assert (len(scan.files), len(scan.outlines)) == (6, 1)
    assert scan.files[0].folder[0] == "upload.zip"


def test_exact_duplicates_are_counted_and_conflicts_asked_about(tmp_path):
    paths = ct(tmp_path / "drop")
    shutil.copy(paths[2], tmp_path / "drop/copy.dcm")
    result = sort(tmp_path, tmp_path / "drop")
    assert (len(result.scans[0].files), result.ignored, result.scans[0].problems) == (6, 1, ())
    ds = pydicom.dcmread(paths[2])
    ds.PixelData = bytes(len(ds.PixelData))
    ds.save_as(tmp_path / "drop/copy.dcm")
    (scan,) = sort(tmp_path, tmp_path / "drop").scans
    assert [problem.code for problem in scan.problems] == ["Q_SOP_CONFLICT"]


def test_two_patients_in_one_series(tmp_path):
    paths = ct(tmp_path / "drop")
    ds = pydicom.dcmread(paths[3])
    ds.PatientID = "SYN-OTHER"
    ds.save_as(paths[3])
    (scan,) = sort(tmp_path, tmp_path / "drop").scans
    assert [problem.code for problem in scan.problems] == ["Q_MIXED_PATIENT"]


def test_a_damaged_neighbour_makes_a_series_doubtful(tmp_path):
    paths = ct(tmp_path / "drop")
    paths[5].write_bytes(paths[5].read_bytes()[:701])
    result = sort(tmp_path, tmp_path / "drop")
    assert codes(result) == ["E_TRUNCATED"]
    assert [problem.code for problem in result.scans[0].problems] == ["Q_INCOMPLETE"]


def test_the_result_crosses_a_process_border(tmp_path):
    paths = ct(tmp_path / "drop")
    write_seg(tmp_path / "drop/seg.dcm", paths, [marked()])
    (tmp_path / "drop/x.dcm").write_bytes(b"")
    result = sort(tmp_path, tmp_path / "drop")
    again = SortedUpload.from_dict(json.loads(json.dumps(result.as_dict())))
    assert again.as_dict() == result.as_dict()
    assert again.scans[0].files == result.scans[0].files
