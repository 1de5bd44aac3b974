"""Serving releases to people and tools: whatever is here reads what is published."""
