"""The process around the pure core: store, work queue, executor, recorder, metrics, probes.

Takes no decision about a task: it asks ``core`` and carries out the answer.
"""
