"""What runs in the measured process: standard library only, executed by path."""
