"""Moving files between a store and the disk of the Pod: many at once, in bounded memory, all or nothing.

Knows nothing of tasks, types and manifests. Loaded only where a task has something to move.
"""
