"""What operator, launcher and copilot agree on: paths, file names, exit codes, formats.

The Go launcher (``operator/launcher``) is the other half of this package; ``tests/component`` holds
the two against each other. Standard library only, no I/O, and no import of ours from outside: the
copilot loads this package inside every task Pod.
"""

from __future__ import annotations

from typing import Final

# --- Where things are inside a task Pod -------------------------------------------------------

CONTROL_DIR: Final = "/ct/control"
"""Volume shared by the three containers; read-only in ``main`` (a FIFO still takes writes there)."""

MAIN_DIR: Final = "/ct/main"
"""Volume that ``main`` may write: captured streams and the exit record. Trust it for nothing but
``main``'s own data, and open nothing in it by following a link."""

INPUTS_MOUNT: Final = "/ct/inputs"
OUTPUTS_MOUNT: Final = "/ct/outputs"
"""Where downloader and uploader see the folders that ``main`` sees at ``inputDir`` and ``outputDir``:
a user's choice of folder never hides a file of our own image."""

MANIFEST_FILE: Final = "/ct/manifest/manifest.json"
"""The manifest, from the Pod's annotation. Only downloader and uploader have it."""

VALUES_FILE: Final = "/ct/values/values.json"
"""The values of inputs, where they are too large for the manifest. Only the downloader has it."""

SOURCES_DIR: Final = "/ct/sources"
"""Where the downloader sees the files that inputs take their values from, a folder for each input."""

STORES_DIR: Final = "/ct/stores"
"""A folder for each store: ``secret/<key>``, ``ca/<key>`` and, of a claim, ``volume``."""

LAUNCHER_DIR: Final = "/ct/launcher"
"""Where ``main`` sees the launcher's folder of the operator's image (image volume, ``subPath``)."""

LAUNCHER_IMAGE_SUBPATH: Final = "opt/containertask/launcher"
"""The launcher's folder inside the operator's image: nothing else is in it."""

LAUNCHER_NAME: Final = "launcher"
"""File name of the launcher in its image folder and, in Init mode, in the control volume."""

ERROR_FILE: Final = "_ERROR"
ERROR_DOCUMENT: Final = "error.pb"
"""The same as Flyte's tasks write it."""
"""File in the output folder by which a command reports an error in words of its own."""

EXIT_FIFO: Final = "exit"
"""FIFO in the control volume, uploader reads, launcher writes one exit record. Made with its mode, 0622,
in one call, so that whoever sees it may open it; never replaced."""

STREAM_PREFIX: Final = "stream-"
"""FIFO in the control volume for each input of mode Stream, with the input's name behind this: the uploader
writes, ``main`` reads by a link in its folder of inputs. Removed as soon as it is read."""

GATE_FILE: Final = "gate"
"""File in the control volume that ends the launcher's wait. Written elsewhere and renamed. An empty
file decides nothing yet."""

GATE_OPEN: Final = "open\n"
GATE_ABORT: Final = "abort\n"

RECORD_FILE: Final = "exit.json"
"""The exit record again, in ``MAIN_DIR``, renamed into place before it goes to the FIFO."""

STDOUT_STEM: Final = "stdout"
STDERR_STEM: Final = "stderr"
"""Captured streams are segments ``<stem>.<n>``, n counting from 0 without padding; joined in the
order of n they end in the last ``CAPTURE_BYTES`` of the stream, and hold at most a quarter more. A
stream that stayed empty has none."""

CAPTURE_BYTES: Final = 64 * 1024 * 1024

RECORD_MAX_BYTES: Final = 4096
"""PIPE_BUF: a record of at most this size arrives through the FIFO in one piece."""

MAX_URI: Final = 2048
"""How many characters a URI may have."""

MAX_BYTES: Final = 5 << 40
"""How many bytes the largest object has that any store keeps."""

# --- Termination messages -----------------------------------------------------------------------

MESSAGE_POOL: Final = 12_288
"""The kubelet divides this many bytes by the number of a Pod's containers and cuts each message there."""

MESSAGE_MAX: Final = 4096
"""Of a longer message the kubelet keeps the end, so the first line would be lost."""

# --- Exit codes of the launcher ----------------------------------------------------------------

EXIT_ABORTED: Final = 125
EXIT_NOT_EXECUTABLE: Final = 126
EXIT_NOT_FOUND: Final = 127
EXIT_SIGNAL_BASE: Final = 128
"""A command that dies by signal n makes the launcher exit with 128+n. The codes above are ambiguous
(a command may use them too): only the record's ``cause`` tells."""

WAIT_ENVIRONMENT: Final = {"GOMAXPROCS": "1"}
"""What a Pod sets for the launcher's wait mode: Go takes about 15 KiB of memory for each core of the
node before any code of ours runs, which on a large node alone would exceed wait's 2 MiB."""
