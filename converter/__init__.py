"""Definitions of other schedulers turned into inventory documents. Pure."""
