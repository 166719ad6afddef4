"""Our engine against other clients of S3: the same server, the same files, in turns."""
