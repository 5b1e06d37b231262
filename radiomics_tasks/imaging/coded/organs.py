"""The organ that an outline's anatomic codes or its name speak of."""

import re
from collections.abc import Iterable

from patients.vocabulary import Organ

# SNOMED CT as DICOM PS3.16 CID 4 and CID 7166 ff. use it, with the older SRT spelling beside it.
ORGANS_BY_CODE = {
    "39607008": Organ.LUNG,
    "T-28000": Organ.LUNG,
    "3341006": Organ.LUNG,  # right lung
    "T-28100": Organ.LUNG,
    "44029006": Organ.LUNG,  # left lung
    "T-28500": Organ.LUNG,
    "10200004": Organ.LIVER,
    "T-62000": Organ.LIVER,
    "59441001": Organ.LYMPH_NODE,
    "T-C4000": Organ.LYMPH_NODE,
    "12738006": Organ.BRAIN,
    "T-A0100": Organ.BRAIN,
    "272673000": Organ.BONE,
    "T-11100": Organ.BONE,
    "T-D016E": Organ.BONE,
    "421060004": Organ.BONE,  # vertebral column
    "51282000": Organ.BONE,  # vertebra
    "23451007": Organ.ADRENAL,
    "T-B3000": Organ.ADRENAL,
    "64033007": Organ.KIDNEY,
    "T-71000": Organ.KIDNEY,
    "9846003": Organ.KIDNEY,  # right kidney
    "18639004": Organ.KIDNEY,  # left kidney
    "78961009": Organ.SPLEEN,
    "T-C3000": Organ.SPLEEN,
    "15776009": Organ.PANCREAS,
    "T-65000": Organ.PANCREAS,
    "3120008": Organ.PLEURA,
    "T-29000": Organ.PLEURA,
    "15425007": Organ.PERITONEUM,
    "T-D4400": Organ.PERITONEUM,
    "87784001": Organ.SOFT_TISSUE,
    "T-1A000": Organ.SOFT_TISSUE,
    "39937001": Organ.SKIN,
    "T-01000": Organ.SKIN,
    "76752008": Organ.BREAST,
    "T-04000": Organ.BREAST,
    "113276009": Organ.BOWEL,  # intestine
    "T-50500": Organ.BOWEL,
    "71854001": Organ.BOWEL,  # colon
    "T-59300": Organ.BOWEL,
    "12921003": Organ.PELVIS,
    "T-D6000": Organ.PELVIS,
    "69536005": Organ.HEAD_NECK,  # head
    "45048000": Organ.HEAD_NECK,  # neck
    "774007": Organ.HEAD_NECK,  # head and neck
}

# First hit wins: "lung hilar node" is a node.
ORGANS_BY_WORD = (
    (Organ.LYMPH_NODE, r"lymph|nodes?|nodal|ln|lnn"),
    (Organ.ADRENAL, r"adrenal|suprarenal"),
    (Organ.LUNG, r"lung|pulmonary|lobe|[rl][ulm]l"),
    (Organ.LIVER, r"liver|hepatic|hep"),
    (Organ.BRAIN, r"brain|cerebral|cerebellar"),
    (Organ.BONE, r"bone|osseous|vertebra|rib|femur|sacrum"),
    (Organ.KIDNEY, r"kidney|renal"),
    (Organ.SPLEEN, r"spleen|splenic"),
    (Organ.PANCREAS, r"pancreas|pancreatic"),
    (Organ.PLEURA, r"pleura|pleural"),
    (Organ.PERITONEUM, r"peritoneum|peritoneal|omental|omentum"),
    (Organ.BREAST, r"breast"),
    (Organ.BOWEL, r"bowel|colon|rectum|rectal"),
    (Organ.SKIN, r"skin|cutaneous"),
    (Organ.SOFT_TISSUE, r"muscle|sarcoma"),
)


def organ_of(codes: Iterable[str], name: str) -> Organ | None:
    """The organ of the first anatomic code that is known, else of a word in the name, else None."""
    for code in codes:
        if code in ORGANS_BY_CODE:
            return ORGANS_BY_CODE[code]
    words = re.sub(r"[\W_\d]+", " ", name.lower())
    for organ, pattern in ORGANS_BY_WORD:
        if re.search(rf"\b(?:{pattern})\b", words):
            return organ
    return None
