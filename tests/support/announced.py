"""A server as a process of its own that says in a line of its output when it listens, and where."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_TIMEOUT = 60


@contextmanager
def announced(
    command: Sequence[str | Path], line: str, environ: Mapping[str, str] | None = None
) -> Iterator[re.Match[str]]:
    """Run a server; give the line that this expression finds in what it prints. The rest is read away."""
    with subprocess.Popen(
        command,
        env={**os.environ, **(environ or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        clock = threading.Timer(_TIMEOUT, process.kill)
        clock.start()
        assert process.stdout is not None
        found = next((one for text in process.stdout if (one := re.search(line, text))), None)
        clock.cancel()
        reading = threading.Thread(target=lambda: [None for _ in process.stdout or ()])
        reading.start()
        try:
            assert found is not None, f"{command[0]} has ended, or does not listen"
            yield found
        finally:
            process.terminate()
            process.wait()
            reading.join()
