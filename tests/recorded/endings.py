"""All scenes with a real task, by the names of their recordings. ``hack/recordends.py`` plays them."""

from __future__ import annotations

from typing import Final

from recorded.clocks import CLOCKS, DELETED
from recorded.commands import COMMANDS
from recorded.disruptions import DISRUPTIONS
from recorded.ending import Ending
from recorded.nodes import NODES
from recorded.starts import STARTS

ENDS: Final[dict[str, Ending]] = {**COMMANDS, **STARTS, **CLOCKS, **DELETED, **DISRUPTIONS, **NODES}
