"""One upload for storm and load: a CT series with one outlined lesion, zipped, other images and shape each time."""

import tempfile
import zipfile
from datetime import date
from pathlib import Path

import numpy as np

from radiomics_tasks.imaging.phantom.dicom_out import write_series
from radiomics_tasks.imaging.phantom.seg_out import OutlineSpec, write_seg

SHAPE = (10, 48, 48)


def write_upload(path: Path, patient: str, acquired_on: date, seed: int, shape: tuple[int, int, int] = SHAPE) -> Path:
    """A zip of one scan, small unless told otherwise; the same seed gives the same images."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(60, 25, shape).astype(np.int16)
    # The same outline on two scans would be held: it would be a copy.
    (y, x), (a, b, c) = rng.uniform(20, 28, 2), rng.uniform(7, 11, 3)
    # As large within the slices as they are themselves.
    larger = shape[1] / SHAPE[1]
    k, j, i = np.ogrid[: shape[0], : shape[1], : shape[2]]
    across = ((j / larger - y) / b) ** 2 + ((i / larger - x) / c) ** 2
    ball = ((k - shape[0] // 2) * 2.5 / a) ** 2 + across < 1
    with tempfile.TemporaryDirectory() as folder:
        images = write_series(Path(folder) / "ct", noise, (1.0, 1.0, 2.5), acquired_on=acquired_on, patient_id=patient)
        outline = write_seg(Path(folder) / "seg.dcm", images, [OutlineSpec("ball", ball, f"2.25.{seed + 9}", "ball")])
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in (*images, outline):
                archive.write(file, file.name)
    return path
