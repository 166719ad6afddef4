"""Tasks without a cluster: the same codec around a command on this machine.

``run.run_local`` runs one. Nothing here asks an API server, and nothing outlives the call but the folder with
the outputs. Imports nothing by itself, so that what runs a single part loads only that.
"""
