"""Serving releases to the tools that people read them with."""
