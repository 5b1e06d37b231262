"""What the engine recorded reads as words, ranges and units."""

from monitoring.shown.response.lesion_origin import facts

RECORDED = {
    "volume_digest": "0" * 64,
    "unit": "HU",
    "tissue_range_hu": [-900.0, 400.0],
    "crop": {"box_kji": [[0, 5], [10, 20], [30, 31]], "margin_voxels_ijk": None},
    "outside_tissue_ratio": 0.25,
    "roi_voxels_after": 12,
    "missing": None,
    "warnings": [{"code": "W_FEW_LEVELS", "sentence": "9 grey levels."}, {"code": "W", "sentence": "More."}],
}


def test_everything_recorded_is_told_once():
    assert dict(facts(RECORDED)) == {
        "Unit": "HU",
        "Tissue range": "−900 to 400 HU",
        "Crop": "slices 0 to 4, rows 10 to 19, columns 30 to 30",
        "Outside tissue ratio": 0.25,
        "ROI voxels after": 12,
        "Warnings": "9 grey levels. More.",
    }


def test_no_warning_is_said():
    assert list(facts({"warnings": []})) == [("Warnings", "none")]
