"""Readers and uploaders at a site of several hundred patients: what its pages take while the workers extract."""
