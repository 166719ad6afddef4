"""The command line ``ctask``, also installed as ``kubectl-ctask``."""
