"""Writes of requests, by noun; doors import the modules."""
