"""The chain from service to satisfaction to behaviour, from sums by group of customers."""
