"""How much change is noise: repeatability from repeats, and a change beside its band."""
