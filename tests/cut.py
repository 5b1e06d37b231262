"""What a served slice must show, cut from the DICOM files by pydicom alone."""

import io
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
from PIL import Image

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Follow:
    """One visit on disk: an axial CT series with one DICOM SEG."""

    images: tuple[Path, ...]
    outlines: Path

    @property
    def files(self) -> list[Path]:
        return [*self.images, self.outlines]

    @property
    def on(self) -> date:
        stated = str(pydicom.dcmread(self.images[0], stop_before_pixels=True).AcquisitionDate)
        return datetime.strptime(stated, "%Y%m%d").date()

    @property
    def is_synthetic(self) -> bool:
        """Whether its pictures carry the word SYNTHETIC."""
        return str(pydicom.dcmread(self.images[0], stop_before_pixels=True).PatientID).startswith("SYN-")

    def names(self) -> list[str]:
        """The outlines, in the order of their segment numbers."""
        return [str(segment.SegmentLabel) for segment in pydicom.dcmread(self.outlines).SegmentSequence]

    def values(self, manifest: dict[str, Any], place: dict[str, Any]) -> FloatArray:
        """Rescaled values of the crop of one slice."""
        for path in self.images:
            image = pydicom.dcmread(path)
            if abs(float(image.ImagePositionPatient[2]) - place["z_mm"]) < 0.01:
                values = image.pixel_array * float(image.RescaleSlope) + float(image.RescaleIntercept)
                return cropped(values, manifest)
        raise AssertionError(f"no slice at z {place['z_mm']} mm")

    def mask(self, number: int, manifest: dict[str, Any], place: dict[str, Any]) -> BoolArray:
        """The crop of one segment's frame on one slice; all false where it has none there."""
        seg = pydicom.dcmread(self.outlines)
        for frame, pixels in zip(seg.PerFrameFunctionalGroupsSequence, seg.pixel_array, strict=True):
            z_mm = float(frame.PlanePositionSequence[0].ImagePositionPatient[2])
            is_it = frame.SegmentIdentificationSequence[0].ReferencedSegmentNumber == number
            if is_it and abs(z_mm - place["z_mm"]) < 0.01:
                return cropped(pixels, manifest) > 0
        return np.zeros(manifest["size_px"][::-1], bool)


def cropped(plane: npt.NDArray[Any], manifest: dict[str, Any]) -> npt.NDArray[Any]:
    """The part of a whole plane that the manifest speaks of."""
    (left, top), (width, height) = manifest["origin_px"], manifest["size_px"]
    return plane[top : top + height, left : left + width]


def decoded(png: bytes, manifest: dict[str, Any]) -> FloatArray:
    """The values that a served 16-bit picture stands for."""
    stored = np.asarray(Image.open(io.BytesIO(png))).astype(np.float64)
    return np.asarray(manifest["offset"] + manifest["slope"] * stored)


def filled(contours: list[list[list[float]]], manifest: dict[str, Any]) -> BoolArray:
    """The pixels whose centres lie inside an odd number of the polylines."""
    width, height = manifest["size_px"]
    rows, columns = np.mgrid[:height, :width]
    inside = np.zeros((height, width), bool)
    for points in contours:
        for (x0, y0), (x1, y1) in zip(points, [*points[1:], points[0]], strict=True):
            if y0 != y1:
                crosses = (y0 > rows) != (y1 > rows)
                inside ^= crosses & (columns < x0 + (rows - y0) * (x1 - x0) / (y1 - y0))
    return inside


def with_an_unknown_outline(visit: Follow, folder: Path) -> Follow:
    """The same visit, its last outline under a name and a tracking UID that no lesion has."""
    seg = pydicom.dcmread(visit.outlines)
    segment = seg.SegmentSequence[-1]
    segment.SegmentLabel = segment.TrackingID = "ROI 7"
    segment.TrackingUID = pydicom.uid.generate_uid(prefix=None, entropy_srcs=["ROI 7"])
    seg.save_as(folder / "unknown.dcm")
    return Follow(visit.images, folder / "unknown.dcm")
