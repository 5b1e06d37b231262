"""The surface of a cube of eight voxels, for each of the 128 kinds of cube whose last corner lies outside.

The triangles are Bourke's published table of marching cubes, in pyradiomics' numbering of corners and edges: each
triangle is three edges in hexadecimal, whose middles are its corners. They are part of the definition of area and
volume. A cube of any other kind is the complement of one of these, seen from inside.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

# Middle of each edge as (k, j, i), in half voxels.
_EDGE_MIDDLES = (
    *((0, 0, 1), (0, 1, 2), (0, 2, 1), (0, 1, 0), (2, 0, 1), (2, 1, 2)),
    *((2, 2, 1), (2, 1, 0), (1, 0, 0), (1, 0, 2), (1, 2, 2), (1, 2, 0)),
)
_TRIANGLES = (
    "- 083 019 183198 12a 08312a 0292a9 2832a88a9 23b 08b0b2 01923b 19b1b28b9 13a3ba 08a0a18ba 0393b99ba "
    "8a98ba 478 043347 019478 147173194 12a478 04312a347 0292a9478 2732972a9479 23b478 04224b47b 01923b478 "
    "19229b47b4b9 13a3ba478 04114b1ba47b 0393b94789ba 47b4b99ba 495 083495 015054 153358485 12a495 08312a495 "
    "0242542a5 2532a5348354 23b495 08b0b2495 01505423b 15225828b485 13a3ba495 08a0a14958ba 03b0540b55ba "
    "48558a8ba 579789 093357395 017078157 157173 12a579789 09312a357395 0282582a5578 2532a5357 23b579789 "
    "09227b297579 01815717823b 15717b1b2 13a3ba579789 05707b0950a10ba 03b0570780a50ba 57b5ba 5a6 0835a6 0195a6 "
    "1831985a6 126165 083126165 026069596 258265283598 23b5a6 08b0b25a6 01923b5a6 19b1b25a68b9 1353653b6 "
    "05108b0b55b6 0360590653b6 59669b8b9 4785a6 0433475a6 0194785a6 1471731945a6 126165478 043126165347 "
    "026069478596 269293397479596 23b4785a6 04224b47b5a6 01923b4785a6 19229b47b4b95a6 1353653b6478 "
    "04b0b11b547b5b6 0360590653b6478 47959669b7b9 49a4a6 08349a4a6 01a0640a6 1681831a6486 124149264 "
    "083124149264 024264 248264283 23b49a4a6 08b0b249a4a6 01a0640a623b 14816418b1a61b2 1393693b6496 "
    "08114916418b1b6 0360643b6 48668b 67a78a89a 07309a0a767a 0181781a767a 1731a767a 126168189678 "
    "093129269397679 026067078 267273 23b67a78a89a 07209727b67a79a 0181781a723b67a 16717b1a61b2 "
    "1361693b6678689 09167b 03b0670780b6 67b"
)


@cache
def cubes() -> tuple[npt.NDArray[np.int64], list[npt.NDArray[np.int64]]]:
    """What each of the 256 kinds adds: rows of (determinant, normal along k, j, i), and its triangles' normals.

    In half voxels: the sum of det(p + a, p + b, p + c) over a kind's triangles is the determinant plus the normal
    times p, which makes the volume of a whole mesh a sum of whole numbers.
    """
    sums = np.zeros((256, 4), dtype=np.int64)
    normals: list[npt.NDArray[np.int64]] = [np.zeros((0, 3), dtype=np.int64)] * 256
    for kind, text in enumerate(_TRIANGLES.split()):
        edges = [] if text == "-" else [int(digit, 16) for digit in text]
        corners = np.array([_EDGE_MIDDLES[edge] for edge in edges], dtype=np.int64).reshape(-1, 3, 3)
        a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
        across = np.cross(a, b) + np.cross(b, c) + np.cross(c, a)
        own = np.concatenate([[np.sum(np.cross(a, b) * c)], across.sum(axis=0)])
        sums[kind], sums[255 - kind] = own, -own
        normals[kind] = normals[255 - kind] = across
    return sums, normals
