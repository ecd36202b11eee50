"""What it costs: the measured process, its clock, the kernel's memory counters, the host."""
