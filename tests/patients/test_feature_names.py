"""A feature's name taken apart, with its unit and what IBSI says of it."""

import pytest

from patients.feature_names import FeatureName


@pytest.mark.parametrize(
    "full", ["original_glcm_Contrast", "log-sigma-1-0-mm-3D_firstorder_Mean", "wavelet-LLH_gldm_DependenceEntropy"]
)
def test_a_name_is_taken_apart_and_put_together(full: str) -> None:
    name = FeatureName.parse(full)
    assert str(name) == full
    assert (name.image_type, name.feature_class, name.quantity) == tuple(full.rsplit("_", 2))


@pytest.mark.parametrize("full", ["", "Mean", "firstorder_Mean", "_firstorder_Mean", "original__Mean", "original_x_"])
def test_anything_else_is_refused(full: str) -> None:
    with pytest.raises(ValueError, match="is not a feature name"):
        FeatureName.parse(full)


@pytest.mark.parametrize(
    ("full", "unit"),
    [
        ("original_shape_Maximum3DDiameter", "mm"),
        ("original_shape_SurfaceArea", "mm²"),
        ("original_shape_VoxelVolume", "mm³"),
        ("original_shape_SurfaceVolumeRatio", "1/mm"),
        ("original_shape_Sphericity", ""),
        ("original_shape2D_Perimeter", "mm"),
        ("original_firstorder_Median", "HU"),
        ("original_firstorder_Variance", "HU²"),
        ("original_firstorder_Energy", "HU²"),
        ("original_firstorder_TotalEnergy", "HU²·mm³"),
        ("original_firstorder_Skewness", ""),
        ("original_glcm_Contrast", ""),
        ("wavelet-LLH_firstorder_Mean", "HU"),
        ("log-sigma-2-0-mm-3D_firstorder_Range", "HU"),
        ("squareroot_firstorder_Mean", "a.u."),
    ],
)
def test_the_unit_of_a_value(full: str, unit: str) -> None:
    assert FeatureName.parse(full).unit("HU") == unit


def test_labels_for_people() -> None:
    assert FeatureName.parse("original_glszm_ZoneEntropy").label == "GLSZM ZoneEntropy"
    assert FeatureName.parse("wavelet-HHH_firstorder_Mean").label == "First order Mean (wavelet-HHH)"
    assert FeatureName.parse("original_invented_X").label == "invented X"


def test_departures_from_ibsi_are_said() -> None:
    assert FeatureName.parse("original_firstorder_Kurtosis").ibsi_note.startswith("not excess kurtosis")
    assert FeatureName.parse("original_glcm_Contrast").ibsi_note == ""
