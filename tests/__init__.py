"""Tests of the whole site."""
