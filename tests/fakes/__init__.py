"""Fakes that stand at the edges: clocks, executors, catalogues."""
