"""One DICOM series, read in small steps: bytes, headers, geometry, facts."""
