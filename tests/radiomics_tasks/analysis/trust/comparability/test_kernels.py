"""Kernel names of four makers to their class, on both sides of every limit."""

import pytest

from radiomics_tasks.analysis.trust.comparability.kernels import kernel_class
from radiomics_tasks.analysis.trust.comparability.rules import default_rules

NAMES = {
    "SIEMENS": {"B36f": "soft", "Br37d\\3": "medium", "I49f": "medium", "Qr50": "sharp", "Bf": "unknown"},
    "GE HEALTHCARE": {"SOFT": "soft", "STANDARD": "medium", "chest": "medium", "BONEPLUS": "sharp", "B": "unknown"},
    "Philips": {"A": "soft", "B": "soft", "C": "medium", "YA": "sharp", "L": "sharp", "B30f": "unknown"},
    "TOSHIBA": {"FC01": "medium", "FC08": "medium", "FC19": "medium", "FC20": "unknown", "FC50": "sharp"},
    "Canon Medical Systems": {"FC59": "sharp", "FC60": "unknown", "FC79": "unknown", "FC80": "sharp", "FC81": "sharp"},
    "SIMULATED (source: GE MEDICAL SYSTEMS)": {"LUNG": "sharp", "": "unknown", "30": "unknown"},
    "Unheard-of": {"STANDARD": "unknown"},
}  # fmt: skip


@pytest.mark.parametrize(("maker", "name"), [(maker, name) for maker in NAMES for name in NAMES[maker]])
def test_a_kernel_has_its_class(maker: str, name: str):
    assert kernel_class(maker, name, default_rules().wording.kernels) == NAMES[maker][name]
