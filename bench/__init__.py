"""The benchmark suite. `make bench` runs it; bench/RESULTS.md keeps the last result."""
