"""Many tasks at once on the real API server and fake nodes, while operator and API server are taken away.

``python -m perf.storm`` runs it whole and prints what it cost; ``tests/e2e/test_storm.py`` is the short form.
"""
