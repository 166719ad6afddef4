"""The contract with users: frozen pydantic models of every kind, and the CRDs generated from them.

No I/O and no decision: what a field means for the cluster is decided in ``core``.
"""
