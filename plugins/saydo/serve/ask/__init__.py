"""The current release for those who ask it: guarded SQL, metrics, and what tools connect to."""
