"""What a made-up body holds: an adult's chest and abdomen in CT numbers, a head in MR signal."""
