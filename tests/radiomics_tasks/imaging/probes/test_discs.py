"""Round spots of one slice, and pixels that are too wide to show any."""

import numpy as np
import pytest

from radiomics_tasks.imaging.probes.discs import discs_of


@pytest.mark.parametrize("step_mm", [2.0, 5.0, 7.0, 12.0])
def test_pixels_of_any_width_are_looked_at(step_mm):
    j, i = np.indices((40, 40))
    values = np.where(np.hypot(j - 20, i - 20) * step_mm < 11, 150.0, 20.0)
    found = discs_of(values, np.ones(values.shape, bool), 3, step_mm)
    assert len(found) == 1 if step_mm == 2.0 else len(found) < 2
