"""Fake nodes beside the test cluster's real one, and a load on them: what ``perf.cluster`` is made of.

Nothing here decides what is measured or says what came out.
"""
