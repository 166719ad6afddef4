"""What downloader and uploader come to, in one word. Standard library only."""

from __future__ import annotations

import enum


class Outcome(enum.StrEnum):
    """What became of the inputs (downloader) or of the outputs (uploader)."""

    DOWNLOADED = "Downloaded"
    INVALID_INPUT = "InvalidInput"
    INPUT_NOT_FOUND = "InputNotFound"
    INPUT_DIGEST_MISMATCH = "InputDigestMismatch"
    INPUT_TOO_LARGE = "InputTooLarge"
    INPUT_CHANGED = "InputChanged"
    """The object became another one while it was read."""
    INPUT_UNAVAILABLE = "InputUnavailable"
    """Of an input that streams: ``StoreUnavailable`` of an uploader is about what it keeps."""
    INPUT_FORBIDDEN = "InputForbidden"
    DOWNLOAD_TIMEOUT = "DownloadTimeout"
    UPLOADED = "Uploaded"
    OUTPUT_MISSING = "OutputMissing"
    OUTPUT_INVALID = "OutputInvalid"
    OUTPUT_TOO_LARGE = "OutputTooLarge"
    OUTPUT_UNREADABLE = "OutputUnreadable"
    UPLOAD_TIMEOUT = "UploadTimeout"
    OUTPUTS_EXIST = "OutputsExist"
    """Somebody else has written the manifest of this attempt's outputs."""
    STORE_UNAVAILABLE = "StoreUnavailable"
    STORE_FORBIDDEN = "StoreForbidden"
    DISK_FULL = "DiskFull"
    USER_ERROR = "UserError"
    """The command left ``_ERROR`` or ``error.pb``; the message is its text."""
    MAIN_FAILED = "MainFailed"
    """The command did not end well; the outputs are what it left, as far as they could be read."""
    NOT_STARTED = "NotStarted"
    """The Pod was stopped before any launcher had connected."""
    COPILOT_FAILED = "CopilotFailed"
    """Our own fault, or the node's: disk full, a manifest that cannot be read."""
