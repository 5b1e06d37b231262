"""Random fields of unit variance: noise of a scanner, grain of a tissue, wander of a reader's hand."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import fft

FloatArray = npt.NDArray[np.float32]
Shape = tuple[int, int, int]

# One seed for all fields: who uses a field takes a piece of it at a place of his own.
SEED = 20240129
FWHM_PER_SD = 2.354820045
# Cycles per mm, in the plane, at which a kernel lets noise fall (filtered back-projection).
SOFT_CUT_OFF, SHARP_CUT_OFF = 0.33, 0.55


@lru_cache(maxsize=8)
def grain_field(spacing_mm: tuple[float, float, float], fwhm_mm: float, shape_zyx: Shape) -> FloatArray:
    """Gaussian random field of unit variance with a Gaussian correlation, without seams at its borders.

    Parameters
    ----------
    spacing_mm
        (x, y, z) voxel size.
    fwhm_mm
        Full width at half maximum of the smoothing kernel, in mm.
    shape_zyx
        Voxels of the field; every axis is periodic.
    """
    sds = [fwhm_mm / FWHM_PER_SD / step for step in reversed(spacing_mm)]

    def weight(z: FloatArray, y: FloatArray, x: FloatArray) -> FloatArray:
        exponent = (z * sds[0]) ** 2 + (y * sds[1]) ** 2 + (x * sds[2]) ** 2
        kernel: FloatArray = np.exp(-2 * np.pi**2 * exponent)
        return kernel

    return _filtered(shape_zyx, weight)


@lru_cache(maxsize=3)
def noise_field(spacing_mm: tuple[float, float, float], shape_zyx: Shape, cut_off: float = SOFT_CUT_OFF) -> FloatArray:
    """Quantum noise: its power rises with frequency and falls again beyond the kernel's `cut_off`.

    White noise would look false at once; its grain here is about 2 mm, and neighbouring thin slices share some.
    """

    def weight(z: FloatArray, y: FloatArray, x: FloatArray) -> FloatArray:
        in_plane = np.sqrt((y / spacing_mm[1]) ** 2 + (x / spacing_mm[0]) ** 2)
        through = np.exp(-2 * np.pi**2 * (z * 0.8 / spacing_mm[2]) ** 2)
        kernel: FloatArray = np.sqrt(in_plane + 0.01) * np.exp(-((in_plane / cut_off) ** 2)) * through
        return kernel

    return _filtered(shape_zyx, weight)


def _filtered(shape_zyx: Shape, weight: Callable[[FloatArray, FloatArray, FloatArray], FloatArray]) -> FloatArray:
    white = np.random.default_rng(SEED).standard_normal(shape_zyx, dtype=np.float32)
    spectrum = fft.rfftn(white, workers=2)
    z = fft.fftfreq(shape_zyx[0]).astype(np.float32)[:, None, None]
    y = fft.fftfreq(shape_zyx[1]).astype(np.float32)[None, :, None]
    x = fft.rfftfreq(shape_zyx[2]).astype(np.float32)[None, None, :]
    spectrum *= weight(z, y, x).astype(np.float32)
    spectrum[0, 0, 0] = 0
    field: FloatArray = fft.irfftn(spectrum, shape_zyx, workers=2, overwrite_x=True).astype(np.float32, copy=False)
    field /= field.std()
    return field


def piece(field: FloatArray, shape_zyx: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
    """A box cut from a periodic field at a random place."""
    return _cut(field, [int(rng.integers(count)) for count in field.shape], shape_zyx)


def centred_piece(field: FloatArray, shape_zyx: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
    """The same, but with the middle of the box at the random place, so that boxes of all sizes share their middle."""
    middle = [int(rng.integers(count)) for count in field.shape]
    return _cut(field, [place - count // 2 for place, count in zip(middle, shape_zyx, strict=True)], shape_zyx)


def _cut(field: FloatArray, start: list[int], shape_zyx: tuple[int, ...]) -> FloatArray:
    picks = [
        (first + np.arange(count)) % whole for first, count, whole in zip(start, shape_zyx, field.shape, strict=True)
    ]
    return field[np.ix_(*picks)]


class Sheets:
    """Slices of a periodic field from a random place on; when its slices run out, the next round is shifted."""

    def __init__(self, field: FloatArray, rng: np.random.Generator) -> None:
        self._field = field
        self._start, self._row, self._column = (int(rng.integers(count)) for count in field.shape)

    def at(self, index: int) -> FloatArray:
        turn, place = divmod(self._start + index, len(self._field))
        shift = (self._row + 137 * turn, self._column + 211 * turn)
        return np.roll(self._field[place], shift, axis=(0, 1))
