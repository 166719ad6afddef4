"""The test bed: a real kind cluster on any machine, with or without an image registry.

Standard library only, because it runs before anything is installed. ``cli.py`` is the way in;
``hack/cluster`` calls it.
"""
