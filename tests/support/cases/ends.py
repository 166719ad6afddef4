"""Every end there is a row for."""

from __future__ import annotations

from typing import Final

from support.cases.gated import GATED_ENDS
from support.cases.inside import BY_THE_COMMAND, BY_THE_COPILOT
from support.cases.outside import BY_THE_CLUSTER, BY_THE_OPERATOR
from support.cases.signal import SIGNAL_ENDS
from support.cases.stored import BY_THE_STORE

ENDS: Final = (
    BY_THE_COMMAND
    | BY_THE_COPILOT
    | BY_THE_STORE
    | BY_THE_CLUSTER
    | BY_THE_OPERATOR
    | GATED_ENDS
    | SIGNAL_ENDS
)
