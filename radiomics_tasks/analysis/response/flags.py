"""The flags of a call in words for a reader."""

from collections.abc import Mapping

SCANS_NOT_COMPARABLE = "SCANS_NOT_COMPARABLE"
# {} is what stands behind the colon of a flag: a region, a lesion, a reason.
WORDS = {
    "ADJUDICATE": "a person must decide between two readings",
    "BAR_RESET": "the bar is reset: progression would have to happen again and be confirmed again",
    "BELOW_IUPD_VALUE": "the sum is below the value at which progression was first called",
    "CONFIRMED_BY": "confirmed by {}",
    "CONFIRMED_IN_OTHER_CATEGORY_WHILE_DRIVER_RESOLVED": "what progressed first no longer does; "
    "only another category progresses",
    "CR_REREAD_AS_PR": "the earlier complete response was read again as partial",
    "DISEASE_AFTER_CR": "disease is back after a complete response",
    "DISEASE_AFTER_iCR": "disease is back after a complete response",
    "EQUIVOCAL_REAPPEARANCE": "a node of 10 to under 15 mm, or a faint finding, is back: re-image before deciding",
    "KNOWN_NEW_LESION_PROGRESSED": "a known new lesion has grown over its own nadir",
    "LATE_CONFIRMATION": "later than eight weeks after the first unconfirmed progression",
    "MERGED_NEEDS_READER": "merged lesions are never a complete response before a reader says so",
    "NEW_LESIONS_NOT_EVALUATED": "whether there is a new lesion was not evaluated",
    "NEW_LESION_LARGER": "a new lesion that is not measured is larger than last time",
    "NEW_LESION_NOT_EVALUATED": "a known new lesion was not evaluated",
    "NEW_LESION_ON_EARLY_SCAN": "{} was first seen on a scan that is too early to count: look for it at the next visit",
    "NEW_LESION_STATE_MISSING": "nobody said how {} is on this visit: not evaluable, never taken for gone",
    "NOT_EVALUATED_AFTER_CR": "nothing is back after the complete response, but the non-targets were not evaluated",
    "NOT_EVALUATED_AFTER_iCR": "nothing is back after the complete response, but the non-targets were not evaluated",
    "NOT_READ": "nobody has assessed this visit",
    "OUTSIDE_VISIT_WINDOW": "the scans of this visit lie further apart than the visit window",
    "PR_CONTINUED": "a confirmed partial response goes on until progression",
    "REAPPEARANCE_NOT_APPLIED": "the decision on disease after a complete response had nothing to decide here",
    "REGION_NOT_IMAGED": "{} was not imaged on this visit",
    "REQUIRED_REGION_NOT_SCANNED": "{} was not scanned, and the protocol requires it at this visit",
    SCANS_NOT_COMPARABLE: "targets were measured on scans that are not comparable with earlier ones: "
    "the sum is what was read, and no rate of growth is formed of it",
    "TOO_EARLY_TO_CONFIRM": "less than four weeks after the unconfirmed progression: the visit is disregarded, "
    "repeat at four to eight weeks",
    "iCR_REREAD_AS_iPR": "the earlier complete response was read again as partial",
    "iPR_CONTINUED": "a partial response goes on until progression",
}
CONFIRMED_BY = {
    "T>=5mm": "targets that grew by 5 mm or more",
    "NT increase": "a further increase of the non-target disease",
    "NL growth": "growth of the new lesions",
    "additional new lesion": "an additional new lesion",
    "new T PD": "progression of the targets",
    "new NT PD": "progression of the non-target disease",
}


def flag_words(flag: str, names: Mapping[str, str]) -> str:
    """One flag as a sentence without its full stop; `names` are the lesions' names by their keys.

    >>> flag_words("REGION_NOT_IMAGED:BRAIN", {"BRAIN": "brain"})
    'brain was not imaged on this visit'
    >>> flag_words("CONFIRMED_BY:new T PD", {})
    'confirmed by progression of the targets'
    """
    code, _, what = flag.partition(":")
    return WORDS[code].format(names.get(what) or CONFIRMED_BY.get(what) or what)
