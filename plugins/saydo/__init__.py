"""Saydo: what customers say, do and get, joined into one audited profile per customer."""

__version__ = "0.1.0"
