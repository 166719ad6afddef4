"""The command line ``ctask``: one module for each command, loaded when it is chosen."""
