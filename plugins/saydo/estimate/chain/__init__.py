"""The chain from service to satisfaction to behaviour, estimated from sums by group of customers."""
