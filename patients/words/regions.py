"""The regions of one lesion that have features of their own. No Django."""

from patients.vocabulary import Word


class Region(Word):
    """What of a lesion a snapshot is of: the outline itself, or a ring of tissue around it."""

    LESION = "LESION", "lesion"
    RING_0_5 = "RING_0_5", "ring up to 5 mm around it"
    RING_5_10 = "RING_5_10", "ring from 5 to 10 mm around it"
