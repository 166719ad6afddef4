"""What the tests share: Pod shapes, the cluster, the launcher on this machine."""
