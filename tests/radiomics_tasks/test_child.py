"""The child measures and extracts each outline by itself, bit for bit as without it, and loads only what it needs."""

import json
import subprocess
import sys

import numpy as np
import pytest

from radiomics_tasks import child
from radiomics_tasks.extraction.extractor import ScanExtractor, extract
from radiomics_tasks.extraction.perturb.repeated import repeat
from radiomics_tasks.extraction.perturb.spec import spec_named
from radiomics_tasks.extraction.profiles import profile_for, profile_named
from radiomics_tasks.imaging.formats.nrrd import write_mask, write_volume
from radiomics_tasks.imaging.measure import measure
from radiomics_tasks.imaging.volume import Grid, Mask
from radiomics_tasks.sandbox import ChildLimits, run_child
from tests.radiomics_tasks.extraction.lesions import apart, ball, box, by_itself, scan
from tests.radiomics_tasks.extraction.test_real_scans import read_pair

LIMITS = ChildLimits(memory_mb=2048, cpu_seconds=60, wall_seconds=120, file_mb=64)


def job_for(folder, volume, masks):
    write_volume(volume, folder / "volume")
    outlines = []
    for pk, mask in masks.items():
        write_mask(mask.cropped(), folder / f"mask-{pk}")
        outlines.append({"pk": pk, "mask": str(folder / f"mask-{pk}")})
    return {
        "kind": "extract",
        "out": str(folder),
        "result": str(folder / "result.json"),
        "volume": str(folder / "volume"),
        "volume_digest": volume.digest,
        "profile": "ct",
        "engine": "own",
        "outlines": outlines,
    }


def outline(folder, pk):
    return json.loads((folder / f"outline-{pk}.json").read_text())


def test_numbers_from_the_child_are_those_of_this_process_to_the_bit(tmp_path):
    volume = scan()
    masks = {3: ball(volume.grid, 9.0), 8: box(volume.grid, (1, 1, 1))}
    told = run_child(job_for(tmp_path, volume, masks), LIMITS, lambda: None)
    assert told["outlines"] == [3, 8]
    for pk, mask in masks.items():
        found, expected = outline(tmp_path, pk), extract(volume, mask, profile_for("CT"))
        assert found["snapshot"]["values"] == list(expected.values)
        assert found["snapshot"]["reasons"] == list(expected.reasons)
        assert found["snapshot"]["provenance"] == json.loads(json.dumps(expected.provenance))
        assert found["measurement"]["longest_diameter_mm"] == measure(mask).longest_diameter_mm
        assert found["measurement"]["outside_ratio"] == expected.provenance["outside_tissue_ratio"]


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_a_full_profile_has_the_same_bits_over_any_number_of_threads(tmp_path, threads):
    volume = scan()
    masks = {3: ball(volume.grid, 9.0), 4: ball(volume.grid, 6.0)}
    job = {**job_for(tmp_path, volume, masks), "profile": "ct-full", "threads": threads}
    run_child(job, LIMITS, lambda: None)
    for pk, mask in masks.items():
        expected = extract(volume, mask, profile_named("ct-full"))
        found = outline(tmp_path, pk)["snapshot"]
        assert [value and value.hex() for value in found["values"]] == [
            value and value.hex() for value in expected.values
        ]
        assert len(found["names"]) == 1316


def test_one_refused_outline_hides_no_other(tmp_path):
    volume = scan()
    elsewhere = Grid(volume.grid.shape, volume.grid.spacing_mm, (900.0, 0.0, 0.0))
    job = job_for(tmp_path, volume, {1: ball(elsewhere, 9.0), 2: ball(volume.grid, 9.0)})
    child.extract_outlines(job)
    assert outline(tmp_path, 1)["refusal"]["code"] == "E_MASK_GEOMETRY"
    assert "snapshot" not in outline(tmp_path, 1)
    assert "refusal" not in outline(tmp_path, 2)


def test_size_stands_where_the_features_are_refused(tmp_path):
    volume = scan()
    volume.array[20, 60, 60] = np.nan
    child.extract_outlines(job_for(tmp_path, volume, {1: ball(volume.grid, 9.0)}))
    found = outline(tmp_path, 1)
    assert found["refusal"]["code"] == "E_NONFINITE"
    assert found["measurement"]["longest_diameter_mm"] > 18


def test_outlines_finished_before_a_crash_are_kept(tmp_path):
    volume = scan()
    job = job_for(tmp_path, volume, {1: ball(volume.grid, 9.0), 2: ball(volume.grid, 8.0)})
    job["outlines"][1]["mask"] = str(tmp_path / "no such file")
    with pytest.raises(FileNotFoundError):
        child.extract_outlines(job)
    assert outline(tmp_path, 1)["snapshot"]["values"]
    assert not (tmp_path / "outline-2.json").exists()


def test_a_stored_scan_that_changed_is_refused(tmp_path):
    volume = scan()
    job = job_for(tmp_path, volume, {1: ball(volume.grid, 9.0)}) | {"volume_digest": "0" * 64}
    told = run_child(job, LIMITS, lambda: None)
    assert told["refusal"]["code"] == "E_STORED_SCAN"
    assert not (tmp_path / "outline-1.json").exists()


def test_measurement_is_plain_data(tmp_path):
    volume = scan()
    halves = Mask(volume.grid, ball(volume.grid, 5.0).array | ball(volume.grid, 5.0, (20, 20, 10)).array)
    child.extract_outlines(job_for(tmp_path, volume, {1: halves}))
    measured = outline(tmp_path, 1)["measurement"]
    assert measured["absence"] == "SEVERAL_PARTS"
    assert len(measured["component_diameters_mm"]) == 2
    assert measured["longest_at"]["points_mm"]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_result_is_written_whole_or_not_at_all(tmp_path, value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        child.write_whole(tmp_path / "result.json", {"value": value})
    assert list(tmp_path.iterdir()) == []
    child.write_whole(tmp_path / "result.json", {"value": 0.1 + 0.2})
    assert json.loads((tmp_path / "result.json").read_text()) == {"value": 0.1 + 0.2}
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]


def test_an_orphan_does_not_start():
    program = "from radiomics_tasks import child; child.die_with(1); print('alive')"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (ended.returncode, ended.stdout) == (-9, b"")


def test_its_own_peak_is_told_and_not_its_parents():
    large = bytearray(300 << 20)
    program = "from radiomics_tasks import child; print(child.peak_rss_mb())"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert len(large) > 0
    assert 5 < float(ended.stdout) < 60


@pytest.mark.parametrize(
    ("modules", "never"),
    [
        ("radiomics_tasks.child", {"numpy", "SimpleITK", "pydicom", "radiomics", "django"}),
        ("radiomics_tasks.sandbox", {"numpy", "SimpleITK", "pydicom", "radiomics", "django"}),
        ("radiomics_tasks.extraction.build, radiomics_tasks.extraction.profiles", {"numpy", "SimpleITK", "radiomics"}),
        ("radiomics_tasks.extraction.extractor, radiomics_tasks.imaging.measure", {"pydicom", "highdicom", "django"}),
    ],
)
def test_only_what_is_needed_is_loaded(modules, never):
    program = f"import sys, {modules}; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert never & set(ended.stdout.split()) == set()


def job_in(folder, kind, **more):
    out = folder / kind
    out.mkdir()
    job = {"kind": kind, "out": str(out), "result": str(out / "result.json"), "key": "site", "today": "2026-11-24"}
    return run_child(job | more, LIMITS, lambda: None), out


def test_ibsi_dicom_through_three_children_equals_pyradiomics_on_the_nifti(data_dir, tmp_path):
    folder = data_dir / "ibsi1_ct_phantom"
    files = [{"path": str(path), "name": path.name} for path in sorted((folder / "dicom").rglob("*.dcm"))]
    limits = {"max_files": 100, "max_unpacked_bytes": 1 << 30, "max_file_bytes": 1 << 30}
    found, _ = job_in(tmp_path, "sort", files=files, limits=limits)
    read, out = job_in(tmp_path, "read", scan=found["scans"][0])
    facts, (drawn,) = read["facts"], read["outlines"]
    assert drawn["voxels"] == 125_256
    volume = {"volume": str(out / facts["volume_file"]), "volume_digest": facts["volume_digest"]}
    outlines = [{"pk": 1, "mask": str(out / drawn["mask_file"])}]
    _, out = job_in(tmp_path, "extract", **volume, profile="ct", engine="own", outlines=outlines)
    snapshot = outline(out, 1)["snapshot"]
    nifti, mask = read_pair(folder / "nifti/image/phantom.nii.gz", folder / "nifti/mask/mask.nii.gz", "HU")
    expected = by_itself(nifti, mask, profile_for("CT"))
    assert apart(dict(zip(snapshot["names"], snapshot["values"], strict=True)), expected) == {}


def test_an_outline_that_comes_later_is_read_onto_its_filed_scan(data_dir, tmp_path):
    folder = data_dir / "demo_longitudinal_simulated/DEMO-LIVER-01/T0_20210301"
    received = [{"path": str(path), "name": path.name} for path in sorted((folder / "CT").iterdir())]
    common = {"key": "site", "today": "2026-11-24"}
    outs = {name: tmp_path / name for name in ("sort", "read", "later")}
    for out in outs.values():
        out.mkdir()
    limits = {"max_files": 100, "max_unpacked_bytes": 1 << 30, "max_file_bytes": 1 << 30}
    found = child.sort_files({**common, "files": received, "limits": limits, "out": str(outs["sort"])})
    read = child.read_series({**common, "scan": found["scans"][0], "out": str(outs["read"])})
    assert read["outlines"] == []
    facts = read["facts"]
    later = {"files": [{"path": str(folder / "SEG.dcm"), "name": "SEG.dcm"}], "facts": facts, "out": str(outs["later"])}
    told = child.read_outlines({**common, **later, "volume": str(outs["read"] / facts["volume_file"])})
    assert [each["problems"] for each in told["outlines"]] == [[], []]
    assert {each["mask_file"] for each in told["outlines"]} <= set(told["files"])
    assert set(told["files"]) == {path.name for path in outs["later"].iterdir()}


def test_rings_come_as_regions_of_their_own_without_shape_or_with_a_reason(tmp_path):
    volume = scan()
    job = job_for(tmp_path, volume, {1: ball(volume.grid, 9.0), 2: ball(volume.grid, 8.0, (25, 60, 20))})
    masks = [outline["mask"] for outline in job["outlines"]]
    ring = {"pk": 1, "mask": masks[0], "organ": "LIVER", "others": masks[1:], "context": "c" * 64}
    run_child({**job, "rings": [ring, {**ring, "pk": 2, "organ": "LUNG"}]}, LIMITS, lambda: None)
    found, none = (json.loads((tmp_path / f"rings-{pk}.json").read_text())["rings"] for pk in (1, 2))
    assert list(found) == ["RING_0_5", "RING_5_10"]
    for taken in found.values():
        reasons = {name.split("_")[1]: why for name, why in zip(taken["names"], taken["reasons"], strict=True)}
        assert reasons.pop("shape") == "OF_A_RING"
        assert set(reasons.values()) == {None}
        assert taken["provenance"]["ring"]["context"] == "c" * 64
    # All of this scan is soft tissue: around a lung lesion nothing is left of it.
    assert {why for taken in none.values() for why in taken["reasons"]} == {"SMALL_RING"}


def test_repeats_from_the_child_are_those_of_this_process_to_the_bit(tmp_path):
    volume, spec, profile = scan(), spec_named(repeats=2), profile_for("CT")
    mask = ball(volume.grid, 9.0)
    elsewhere = Grid(volume.grid.shape, volume.grid.spacing_mm, (900.0, 0.0, 0.0))
    job = {**job_for(tmp_path, volume, {1: ball(elsewhere, 9.0), 2: mask}), "kind": "perturb", "spec": spec.as_dict()}
    run_child(job, LIMITS, lambda: None)
    refused, told = (json.loads((tmp_path / f"repeats-{pk}.json").read_text()) for pk in (1, 2))
    assert refused["refusal"]["code"] == "E_MASK_GEOMETRY"
    here = repeat(volume, ScanExtractor(volume, profile), mask, profile, spec).as_dict()
    assert told["repeated"] == json.loads(json.dumps(here))
