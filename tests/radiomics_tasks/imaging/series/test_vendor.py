"""What scanners keep in elements of their own is found there, and nowhere else."""

import pytest
from pydicom.dataset import Dataset

from radiomics_tasks.imaging.series.header import Header
from radiomics_tasks.imaging.series.structure import Layout
from radiomics_tasks.imaging.series.vendor import b_value, reconstruction_text


def header(group: int = 0, creator: str = "", element: int = 0, vr: str = "LO", value: object = "", **tags) -> Header:
    ds = Dataset()
    for keyword, text in tags.items():
        setattr(ds, keyword, text)
    if creator:
        ds.private_block(group, creator, create=True).add_new(element, vr, value)
    return Header(None, ds, Layout("", "", "", 0))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (header(0x0053, "GEHC_CT_ADVAPP_001", 0x42, "LO", "ASiR-V 50%"), "ASiR-V 50%"),
        (header(0x01F7, "ELSCINT1", 0x9B, "IS", "4"), "iDose 4"),
        (header(0x01F7, "ELSCINT1", 0x9B, "IS", "0"), ""),
        (header(Manufacturer="SIEMENS", ConvolutionKernel=["Br40d", "3"]), "ADMIRE 3"),
        (header(Manufacturer="SIEMENS", ConvolutionKernel="I31f"), "SAFIRE"),
        (header(Manufacturer="SIEMENS", ConvolutionKernel="B31f"), ""),
        (header(Manufacturer="Other", ConvolutionKernel=["Br40d", "3"]), ""),
        (header(), ""),
    ],
)
def test_reconstruction(found, expected):
    assert reconstruction_text(found) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (header(0x0019, "SIEMENS MR HEADER", 0x0C, "IS", "800"), 800.0),
        (header(0x2001, "Philips Imaging DD 001", 0x03, "FL", 600.0), 600.0),
        (header(0x0043, "GEMS_PARM_01", 0x39, "IS", ["1000000050", "8", "0", "0"]), 50.0),
        (header(0x0043, "GEMS_PARM_01", 0x39, "IS", ["0", "8", "0", "0"]), None),
        (header(0x0019, "ANOTHER MAKER", 0x0C, "IS", "800"), None),
        (header(), None),
    ],
)
def test_b_value(found, expected):
    assert b_value(found) == expected
