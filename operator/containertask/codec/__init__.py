"""Pure: values to file trees, to Flyte literals and back; manifests; argument templates.

Imports neither asyncio nor anything that does I/O; the callers at the rim read and write.
"""
