"""containertask: runs container tasks with typed, verified, cached inputs and outputs on Kubernetes."""
