"""How fast the reading room is; `python -m benchmarks.viewer`."""
