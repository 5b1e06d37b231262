"""What scanners say in elements of their own: how a CT was reconstructed, how strongly an MR was diffusion-weighted."""

import re

from radiomics_tasks.imaging.series.header import Header, finite
from radiomics_tasks.imaging.series.identity import clean_text

GE_CT = (0x0053, "GEHC_CT_ADVAPP_001")
PHILIPS_CT = (0x01F7, "ELSCINT1")
SIEMENS_MR = (0x0019, "SIEMENS MR HEADER")
GE_MR = (0x0043, "GEMS_PARM_01")
PHILIPS_MR = (0x2001, "Philips Imaging DD 001")
# GE adds a constant to b-values of some sequences: the last five digits are the value.
GE_B_VALUE_MODULUS = 100_000
# Siemens writes the strength of an iterative reconstruction behind the kernel ("Br40d\3"), older ones begin with I.
_SIEMENS_OLDER = re.compile(r"I[0-9]{2}[a-z]?")


def reconstruction_text(header: Header) -> str:
    """The words by which the maker's own elements name the reconstruction of a CT; empty where there are none."""
    annotations = [_private(header, *GE_CT, element) for element in (0x40, 0x42)]
    if told := next((text for text in annotations if text), ""):
        return told
    level = finite(_private(header, *PHILIPS_CT, 0x9B))
    if level is not None and level > 0:
        return f"iDose {level:g}"
    kernel = header.words("ConvolutionKernel")
    if not kernel or "siemens" not in header.text("Manufacturer").casefold():
        return ""
    if _SIEMENS_OLDER.fullmatch(kernel[0]):
        return "SAFIRE"
    return f"ADMIRE {kernel[1]}" if len(kernel) > 1 and kernel[1].isdigit() and kernel[1] != "0" else ""


def b_value(header: Header) -> float | None:
    """The b-value in s/mm² that a scanner keeps beside the standard's element, or None."""
    for place in ((*SIEMENS_MR, 0x0C), (*PHILIPS_MR, 0x03)):
        if (value := finite(_private(header, *place).split("\\")[0])) is not None:
            return value
    # GE fills its element in every series; only a positive value says anything.
    value = finite(_private(header, *GE_MR, 0x39).split("\\")[0])
    return value % GE_B_VALUE_MODULUS if value is not None and value > 0 else None


def _private(header: Header, group: int, creator: str, element: int) -> str:
    """A private element as text, several values joined by a backslash; empty where it is absent or unreadable."""
    try:
        value = header.ds.private_block(group, creator)[element].value
    except (KeyError, ValueError, NotImplementedError):
        return ""
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    several = not isinstance(value, str) and hasattr(value, "__iter__")
    return "\\".join(clean_text(part) for part in value) if several else clean_text(value)
