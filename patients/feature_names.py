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

_SHAPE_UNITS = {
    "MajorAxisLength": "mm",
    "MinorAxisLength": "mm",
    "LeastAxisLength": "mm",
    "Maximum2DDiameterColumn": "mm",
    "Maximum2DDiameterRow": "mm",
    "Maximum2DDiameterSlice": "mm",
    "Maximum3DDiameter": "mm",
    "MaximumDiameter": "mm",
    "Perimeter": "mm",
    "MeshSurface": "mm²",
    "PixelSurface": "mm²",
    "SurfaceArea": "mm²",
    "MeshVolume": "mm³",
    "VoxelVolume": "mm³",
    "PerimeterSurfaceRatio": "1/mm",
    "SurfaceVolumeRatio": "1/mm",
}
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
    "StandardDeviation",
}
_GREY_LEVEL_SQUARED = {"Energy": "²", "Variance": "²", "TotalEnergy": "²·mm³"}

# What is shown first; with size and volume these are the twelve pre-specified quantities of a delta panel.
DEFAULT_PANEL = (
    "original_firstorder_Entropy",
    "original_firstorder_Mean",
    "original_firstorder_Median",
    "original_firstorder_10Percentile",
    "original_firstorder_90Percentile",
    "original_firstorder_Kurtosis",
    "original_glcm_JointEntropy",
    "original_glcm_Idm",
    "original_glcm_Contrast",
    "original_glszm_ZoneEntropy",
)

# Where pyradiomics departs from the Image Biomarker Standardisation Initiative (its own documentation).
_IBSI_NOTES = {
    ("firstorder", "Kurtosis"): "not excess kurtosis: IBSI's value plus 3",
    ("firstorder", "StandardDeviation"): "not an IBSI feature",
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
        """The unit of a value, given the unit of the scan's voxels; an empty string: dimensionless.

        Texture features count grey levels, which have no unit.
        """
        if self.feature_class in ("shape", "shape2D"):
            return _SHAPE_UNITS.get(self.quantity, "")
        if self.feature_class != "firstorder":
            return ""
        grey = self._grey_unit(voxel_unit)
        if self.quantity in _GREY_LEVEL:
            return grey
        power = _GREY_LEVEL_SQUARED.get(self.quantity)
        return f"{grey}{power}" if power else ""

    def _grey_unit(self, voxel_unit: str) -> str:
        """Wavelets and the Laplacian of Gaussian keep the voxels' unit; squares, roots and the like lose it."""
        if self.image_type == "original" or self.image_type.startswith(("wavelet", "log-sigma")):
            return voxel_unit
        return "a.u."

    @property
    def ibsi_note(self) -> str:
        """How the value departs from IBSI's definition; an empty string where it does not."""
        return _IBSI_NOTES.get((self.feature_class, self.quantity), "")
