"""How wide the body is at each height: tables over z in mm, zero at the top of the right diaphragm."""

import numpy as np

Table = tuple[tuple[float, ...], tuple[float, ...]]

# Inner half-width and half-depth of the rib cage.
CAGE_A: Table = ((-200, -120, -60, 0, 60, 105, 135, 160), (128, 133, 138, 138, 132, 116, 96, 66))
CAGE_B: Table = ((-200, -120, -60, 0, 60, 105, 135, 160), (88, 90, 93, 92, 86, 74, 62, 48))
# Half-width and half-depth of the liver's left lobe, which also shapes the diaphragm above it.
LEFT_LOBE_A: Table = ((-112, -95, -60, -30, -8), (4, 40, 68, 64, 30))
LEFT_LOBE_B: Table = ((-112, -95, -60, -30, -8), (4, 20, 33, 34, 18))


def at(table: Table, z_mm: float) -> float:
    """The table's value at a height, linear between its entries."""
    return float(np.interp(z_mm, table[0], table[1]))
