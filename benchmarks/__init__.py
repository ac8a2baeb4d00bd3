"""Benchmarks that compare Casebook with a baseline as ratios; started by hand, never part of the tests."""
