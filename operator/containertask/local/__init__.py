"""Tasks without a cluster: the same codec around a container on this machine."""
