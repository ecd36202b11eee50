"""What a run means: intervals, verdicts, the gate, comparison. Pure functions of records."""
