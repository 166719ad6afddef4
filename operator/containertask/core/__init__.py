"""Pure decisions: a task and its Pods as seen, in; the Pod and the status to be written, out.

No asyncio, no I/O, no clock and no random number: time comes in as an argument.
"""
