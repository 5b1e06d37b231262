"""The name of a radiomic feature taken apart: image type, class, quantity, unit and IBSI note. No Django."""

from dataclasses import dataclass
from typing import Self

CLASS_LABELS = {
    "shape": "Shape",
    "shape2D": "Shape (2-D)",
    "firstorder": "First order",
    "glcm": "GLCM",
    "glrlm": "GLRLM",
    "glszm": "GLSZM",
    "gldm": "GLDM",
    "ngtdm": "NGTDM",
}

_LENGTHS = {
    "MajorAxisLength",
    "MinorAxisLength",
    "LeastAxisLength",
    "Maximum2DDiameterColumn",
    "Maximum2DDiameterRow",
    "Maximum2DDiameterSlice",
    "Maximum3DDiameter",
}
_SHAPE_UNITS = {"MeshVolume": "mm³", "VoxelVolume": "mm³", "SurfaceArea": "mm²", "SurfaceVolumeRatio": "1/mm"}
_GREY_LEVEL = {
    "10Percentile",
    "90Percentile",
    "InterquartileRange",
    "Maximum",
    "Mean",
    "MeanAbsoluteDeviation",
    "Median",
    "Minimum",
    "Range",
    "RobustMeanAbsoluteDeviation",
    "RootMeanSquared",
}

# Where pyradiomics departs from the Image Biomarker Standardisation Initiative (its own documentation).
_IBSI_NOTES = {
    ("firstorder", "Kurtosis"): "not excess kurtosis: IBSI's value plus 3",
    ("firstorder", "TotalEnergy"): "not an IBSI feature",
    ("firstorder", "Energy"): "depends on the constant added to every voxel",
    ("firstorder", "RootMeanSquared"): "depends on the constant added to every voxel",
    ("shape", "Maximum2DDiameterColumn"): "not an IBSI feature",
    ("shape", "Maximum2DDiameterRow"): "not an IBSI feature",
    ("shape", "Maximum2DDiameterSlice"): "not an IBSI feature",
    ("glcm", "SumAverage"): "twice JointAverage",
}


@dataclass(frozen=True, slots=True)
class FeatureName:
    """One radiomic quantity, for instance `original_glcm_Contrast`.

    Examples
    --------
    >>> name = FeatureName.parse("original_firstorder_Mean")
    >>> name.image_type, name.feature_class, name.quantity, name.unit("HU")
    ('original', 'firstorder', 'Mean', 'HU')
    >>> FeatureName.parse("original_shape_MeshVolume").unit("HU")
    'mm³'
    """

    image_type: str
    feature_class: str
    quantity: str

    @classmethod
    def parse(cls, full: str) -> Self:
        """Take `imagetype_class_Quantity` apart; raises ValueError for anything else."""
        parts = full.rsplit("_", 2)
        if len(parts) != 3 or not all(parts):
            raise ValueError(f"{full!r} is not a feature name: it needs image type, class and quantity")
        return cls(*parts)

    def __str__(self) -> str:
        return f"{self.image_type}_{self.feature_class}_{self.quantity}"

    @property
    def label(self) -> str:
        """For people: class and quantity, and the image type where it is a filtered one."""
        words = f"{CLASS_LABELS.get(self.feature_class, self.feature_class)} {self.quantity}"
        return words if self.image_type == "original" else f"{words} ({self.image_type})"

    def unit(self, voxel_unit: str) -> str:
        """The unit of a value, given the unit of the scan's voxels; an empty string: dimensionless."""
        if self.feature_class == "shape":
            return "mm" if self.quantity in _LENGTHS else _SHAPE_UNITS.get(self.quantity, "")
        if self.feature_class == "firstorder" and self.quantity in _GREY_LEVEL:
            return voxel_unit
        if self.feature_class == "firstorder" and self.quantity == "Variance":
            return f"{voxel_unit}²"
        return ""

    @property
    def ibsi_note(self) -> str:
        """How the value departs from IBSI's definition; an empty string where it does not."""
        return _IBSI_NOTES.get((self.feature_class, self.quantity), "")
