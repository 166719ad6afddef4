"""``python -m containertask.cli`` is ``ctask``."""

from __future__ import annotations

import sys

from containertask.cli.main import main

sys.exit(main())
