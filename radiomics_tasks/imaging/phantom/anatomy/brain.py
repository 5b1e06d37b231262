"""An axial slice of the head as a T1-weighted gradient echo after contrast shows it."""

import math

import numpy as np

from radiomics_tasks.imaging.phantom.picture.canvas import Canvas, FloatArray, Window

FAT, SKULL, MARROW, FLUID, GREY, WHITE, VESSEL = 820.0, 45.0, 330.0, 150.0, 400.0, 585.0, 900.0
HALF_WIDTH_MM, HALF_LENGTH_MM, TOP_MM = 76.0, 94.0, 84.0


def paint_head(canvas: Canvas, folds: FloatArray) -> None:
    """Paint one slice, without lesions, noise or shading.

    `folds` is a unit random field of the slice's shape whose zero lines become sulci. Height zero is the level of
    the lateral ventricles.
    """
    canvas.pixels[...] = 12.0
    z = canvas.z_mm
    share = math.sqrt(max(0.02, 1 - max(z, -0.35 * z) ** 2 / TOP_MM**2))
    a, b = HALF_WIDTH_MM * share, HALF_LENGTH_MM * share
    box, head = canvas.ellipse(0, 0, a, b)
    for start_mm, signal in ((0.0, 420.0), (1.5, FAT), (5.5, SKULL), (7.5, MARROW), (10.0, SKULL), (12.0, FLUID)):
        canvas.fill(box, head - start_mm, signal)
    brain = head - 13.5
    _paint_cortex(canvas, box, brain, folds[box])
    _paint_midline(canvas, box, brain, b)
    if -26 < z < 30:
        _paint_deep(canvas, z)


def _paint_cortex(canvas: Canvas, box: Window, brain: FloatArray, folds: FloatArray) -> None:
    canvas.fill(box, brain, GREY)
    fold = np.abs(folds)
    # Sulci open at the surface and close in the depth; the grey ribbon follows them for a little longer.
    ribbon = np.minimum(brain - 3.2, (fold - 0.55) * 5 + np.clip((brain - 13) * 0.5, 0, 9))
    canvas.fill(box, ribbon, WHITE)
    sulcus = np.minimum(brain + 0.5, (0.17 - fold) * 6 - np.clip((brain - 10) * 0.35, 0, 9))
    canvas.fill(box, sulcus, FLUID + 40)


def _paint_midline(canvas: Canvas, box: Window, brain: FloatArray, half_length_mm: float) -> None:
    gap = 1.3 - np.abs(canvas.x[box])
    if canvas.z_mm < 36:
        # The hemispheres are joined in the middle of the head by the corpus callosum.
        gap = np.minimum(gap, np.abs(canvas.y[box]) - 34)
    canvas.fill(box, np.minimum(gap, brain + 2), FLUID + 40)
    canvas.disc(0, half_length_mm - 13.5, 4.2, 3.6, VESSEL)
    canvas.disc(0, -half_length_mm + 14, 1.8, 1.8, VESSEL)


def _paint_deep(canvas: Canvas, z_mm: float) -> None:
    for side in (-1, 1):
        canvas.disc(side * 23, 4, 8, 19, GREY + 45, side * 12)
        canvas.disc(side * 11, 10, 9, 13, GREY + 55, side * 10)
        canvas.disc(side * 13, -20, 5, 11, GREY + 30, -side * 16)
        if z_mm > -8:
            canvas.disc(side * 9.5, -12, 5.2, 19, FLUID, side * 14)
            canvas.disc(side * 17, 28, 6.0, 17, FLUID, -side * 20)
            canvas.disc(side * 18, 27, 2.4, 5, VESSEL - 150, -side * 20)
    if z_mm < 6:
        canvas.disc(0, 6, 1.8, 12, FLUID)


def shading(x_mm: FloatArray, y_mm: FloatArray) -> FloatArray:
    """The smooth brightness of a head coil: stronger near the coil, weaker in the middle."""
    bright = 1 + 0.10 * ((x_mm[None, :] / 110) ** 2 + (y_mm[:, None] / 110) ** 2) - 0.04 * y_mm[:, None] / 110
    return bright.astype(np.float32)
