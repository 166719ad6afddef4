"""Runs inside task Pods: the downloader before the user's command, the uploader after it.

Imports of ours only ``codec``, ``types`` and ``contract``, and nothing that a task does not need.
"""
