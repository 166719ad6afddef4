"""The Kubernetes API by aiohttp: requests, credentials, the tree of errors, the Lease.

Knows no ContainerTask: objects come and go as dictionaries.
"""
