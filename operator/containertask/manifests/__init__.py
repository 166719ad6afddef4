"""Manifests as kubectl reads them, for the shell and for Python."""
