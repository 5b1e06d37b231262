"""The images that a profile takes features of, by pyradiomics' names and in its order."""

from collections.abc import Iterator, Mapping
from typing import Any

# L: low-pass, H: high-pass; the first letter is the axis i. The approximation comes last.
WAVELET_LETTERS = ("LLH", "LHL", "LHH", "HLL", "HLH", "HHL", "HHH", "LLL")
_ONE_IMAGE = {
    "Original": "original",
    "Square": "square",
    "SquareRoot": "squareroot",
    "Logarithm": "logarithm",
    "Exponential": "exponential",
    "Gradient": "gradient",
}


def laplacian_name(sigma: float) -> str:
    """The name of the Laplacian of Gaussian of one width (mm)."""
    return f"log-sigma-{str(sigma).replace('.', '-')}-mm-3D"


def band_names(image_types: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The name of each image; raises ValueError for an image type that has no fixed names."""
    for kind, own in image_types.items():
        if kind in _ONE_IMAGE:
            yield _ONE_IMAGE[kind]
        elif kind == "LoG":
            yield from (laplacian_name(sigma) for sigma in own["sigma"])
        elif kind == "Wavelet" and not set(own) - {"wavelet"}:
            yield from (f"wavelet-{letters}" for letters in WAVELET_LETTERS)
        else:
            raise ValueError(f"images of type {kind} with {dict(own)} are not named here")
