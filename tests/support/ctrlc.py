"""Programs that are to hear Ctrl-C.

What a shell starts in the background ignores it, and so does all that is started from there:
these tests, too, where a machine runs them so.
"""

from __future__ import annotations

from typing import Final

HEARS_CTRL_C: Final = ("env", "--default-signal=INT")
"""Before a program and its arguments."""
