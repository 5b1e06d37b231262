"""Bones: cortex around marrow; spine with discs and canal, ribs that fall from back to front, sternum."""

import math

import numpy as np

from radiomics_tasks.imaging.phantom.anatomy.heights import CAGE_B, at
from radiomics_tasks.imaging.phantom.picture.canvas import Canvas, FloatArray, Window

CORTEX_HU, MARROW_HU, DISC_HU, CARTILAGE_HU = 700.0, 180.0, 85.0, 115.0
LEVEL_MM = 27.0
# How far a rib has fallen when it reaches the front.
RIB_FALL_MM = 135.0


def spine_y_mm(z_mm: float) -> float:
    """Where the middle of the vertebral bodies lies: the spine follows the back of the cage."""
    return at(CAGE_B, z_mm) - 30.0


def paint_ribs(canvas: Canvas, box: Window, cage: FloatArray) -> None:
    """Rib sections on the ring of the cage: a rib is where its falling line crosses this height."""
    ring = np.nonzero((cage < 1) & (cage > -10))
    x, y, dr = canvas.x[box][ring], canvas.y[box][ring], cage[ring] + np.float32(4.2)
    # 0 at the spine, 1 at the sternum.
    way = np.arctan2(np.abs(x), y + 8) / np.float32(math.pi)
    height = (canvas.z_mm + RIB_FALL_MM * way + np.where(x > 0, 2.0, 0.0)) / LEVEL_MM
    along = (height - np.floor(height) - 0.5) * LEVEL_MM
    front = np.interp(canvas.z_mm, (-140, -60, 0, 40), (0.42, 0.62, 0.8, 0.97))
    rho = np.sqrt((along / 6.2) ** 2 + (dr / 3.9) ** 2)
    depth = np.where((way > 0.07) & (way < front), (1 - rho) * 3.9, -5.0).astype(np.float32)
    is_cartilage = way > min(front - 0.04, 0.8)
    hu = np.where(is_cartilage, CARTILAGE_HU, np.where(depth > 1.6, MARROW_HU + 60, CORTEX_HU))
    part = np.clip(depth / 1.3 + 0.5, 0, 1)
    pixels = canvas.pixels[box]
    # Muscle between the ribs.
    between = np.clip((3.6 - np.abs(dr)) / 1.3 + 0.5, 0, 1)
    values = pixels[ring]
    values += (52 - values) * between
    pixels[ring] = values + (hu - values) * part


def paint_spine(canvas: Canvas, cage_b_mm: float) -> None:
    """One vertebral level: body or disc, canal with cord, arch, processes; some arch is missing at a foramen."""
    y_mm = cage_b_mm - 30.0
    phase = canvas.z_mm / LEVEL_MM - math.floor(canvas.z_mm / LEVEL_MM)
    is_disc = phase < 0.2
    canvas.disc(0, y_mm, 23, 18, 45.0)
    box, body = canvas.ellipse(0, y_mm, 20.5, 15.5)
    if is_disc:
        canvas.fill(box, body, DISC_HU)
    else:
        endplate = min(phase - 0.2, 1 - phase) * LEVEL_MM
        canvas.fill(box, body, CORTEX_HU - 150 if endplate > 1.2 else 520.0)
        canvas.fill(box, body - 1.5, MARROW_HU if endplate > 1.2 else 430.0)
        canvas.disc(0, y_mm + 9, 2.2, 6, 70.0)
    back = y_mm + 24
    if 0.35 < phase < 0.95:
        for side in (-1, 1):
            _bone(canvas, side * 14.5, y_mm + 16.5, 4.2, 7.5, side * 12)
            _bone(canvas, side * 24, back + 4, 15, 4.6, side * 22)
    for side in (-1, 1):
        _bone(canvas, side * 10.5, back + 8.5, 10, 3.8, -side * 42)
    _bone(canvas, 0, back + 19, 3.6, 13)
    canvas.disc(0, back - 4.5, 10.5, 8.5, -20.0)
    canvas.disc(0, back - 4.5, 8.6, 7.2, 18.0)
    canvas.disc(0, back - 4.5, 5.2, 4.2, 42.0)


def _bone(canvas: Canvas, x_mm: float, y_mm: float, a_mm: float, b_mm: float, turn_deg: float = 0.0) -> None:
    box, depth = canvas.ellipse(x_mm, y_mm, a_mm, b_mm, turn_deg)
    canvas.fill(box, depth, CORTEX_HU - 60)
    canvas.fill(box, depth - 1.5, MARROW_HU + 90)


def paint_sternum(canvas: Canvas, cage_b_mm: float) -> None:
    """Body of the sternum, and the xiphoid below it."""
    if canvas.z_mm < -22:
        return
    wide = 17.0 if canvas.z_mm > 5 else 9.0
    box, depth = canvas.ellipse(0, -cage_b_mm - 3.5, wide, 5.6)
    canvas.fill(box, depth, 430.0)
    canvas.fill(box, depth - 1.4, 150.0)
