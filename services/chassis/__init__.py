"""Technical parts that every process shares, each usable alone; none of them knows what an objective is."""
