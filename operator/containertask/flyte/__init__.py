"""Tasks exported from Flyte v1 and v2."""
