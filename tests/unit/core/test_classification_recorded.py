"""The table of design section 9, row by row, held against what a real node and a real API server said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pytest

from containertask.api.classification import classify
from containertask.api.reasons import Reason
from recorded.endings import ENDS
from recorded.refused import QUESTIONS
from support import recordedends
from support.recordedends import Told

USER: Final = "user"
USER_FINAL: Final = "user, not retried"
SYSTEM: Final = "system"
PERMANENT: Final = "permanent"
TERMINAL: Final = "terminal"
FREE: Final = "free"
NONE: Final = "no end"
"""A success, or something that passes."""

ENDED: Final = "ended"
STOPPED: Final = "stopped"
"""The operator ends such a Pod when its patience is over."""
LATE: Final = "stopped by timeout.queued"
TAKEN: Final = "taken away"
"""The operator deletes it, for its node does not."""
STANDS: Final = "stands"
TRIES_INIT: Final = "tries Init"
"""It may be the image volume that is not taken: what comes of it is for the Pod in Init mode to say."""


@dataclass(frozen=True, slots=True)
class Row:
    """A recording, or one for each of some modes, and what has to be made of them."""

    name: str
    modes: str
    reason: str
    class_: str
    how: str = ENDED

    @property
    def recordings(self) -> list[str]:
        """Return the names of its recordings; the modes are named by their first letters."""
        found = {"g": "gated", "i": "init", "s": "signal"}
        return [f"{self.name}-{found[one]}" for one in self.modes] if self.modes else [self.name]


ENDINGS: Final = (
    # --- The command ----------------------------------------------------------------------------------
    Row("success", "gis", "Succeeded", NONE),
    Row("exit-code", "gis", "NonZeroExit", USER),
    Row("exit-code-143", "gs", "NonZeroExit", USER),
    Row("entrypoint", "s", "NonZeroExit", USER),
    Row("segfault", "gis", "NonZeroExit", USER),
    Row("launcher-without-a-word", "gi", "NonZeroExit", USER),
    Row("out-of-memory", "gis", "OOMKilled", USER),
    Row("out-of-memory-of-a-child", "gis", "OOMKilled", USER),
    Row("out-of-memory-survived", "gis", "Succeeded", NONE),
    Row("launcher-killed", "gis", "OOMKilled", USER),  # most probably: see the design
    Row("command-killed", "gi", "Interrupted", SYSTEM),
    Row("killed-by-itself", "g", "Interrupted", SYSTEM),
    Row("command-terminated", "g", "Interrupted", SYSTEM),
    Row("command-terminated", "s", "NonZeroExit", USER),  # it ended by itself, with a code
    Row("launcher-terminated", "gi", "Interrupted", SYSTEM),
    Row("uploader-killed", "gi", "CopilotFailed", SYSTEM),
    Row("command-not-found", "gis", "CommandNotFound", USER_FINAL),
    Row("command-not-executable", "gis", "CommandNotExecutable", USER_FINAL),
    Row("error-file", "gs", "UserError", USER),
    Row("error-file-and-code", "gs", "UserError", USER),
    # --- Its outputs ----------------------------------------------------------------------------------
    Row("output-missing", "gs", "OutputMissing", USER),
    Row("output-invalid", "gs", "OutputInvalid", USER),
    Row("output-too-large", "gs", "OutputTooLarge", USER),
    Row("output-unreadable", "gs", "OutputUnreadable", USER),
    # --- Its image, what it names, and its inputs -----------------------------------------------------
    Row("image-missing", "gs", "ImagePullFailed", USER_FINAL, STOPPED),
    Row("image-missing-later", "g", "ImagePullFailed", USER_FINAL, STOPPED),
    Row("image-missing-stopped", "gis", "ImagePullFailed", USER_FINAL),
    Row("image-never-pulled", "g", "ImagePullFailed", USER_FINAL, STOPPED),
    Row("image-throttled", "gs", "ImagePullFailed", SYSTEM, STOPPED),
    Row("image-throttled-later", "g", "ImagePullFailed", SYSTEM, STOPPED),
    Row("image-throttled-stopped", "gs", "ImagePullFailed", SYSTEM),
    Row("image-name-invalid", "gis", "InvalidImageName", PERMANENT),
    Row("run-as-root", "gs", "RunAsRootForbidden", PERMANENT),
    Row("working-dir-is-a-file", "gs", "ContainerStartFailed", SYSTEM),
    Row("secret-missing", "g", "SecretNotFound", PERMANENT, LATE),
    Row("secret-missing-whole", "g", "SecretNotFound", PERMANENT, LATE),
    Row("secret-key-missing", "g", "SecretNotFound", PERMANENT, LATE),
    Row("secret-missing-stopped", "gis", "SecretNotFound", PERMANENT),
    Row("config-map-missing", "g", "ConfigMapNotFound", PERMANENT, LATE),
    Row("config-map-key-missing", "g", "ConfigMapNotFound", PERMANENT, LATE),
    Row("config-map-missing-stopped", "g", "ConfigMapNotFound", PERMANENT),
    Row("input-map-missing", "gi", "ConfigMapNotFound", PERMANENT, LATE),
    Row("input-key-missing", "g", "ConfigMapNotFound", PERMANENT, LATE),
    Row("input-map-missing-stopped", "g", "ConfigMapNotFound", PERMANENT),
    Row("secret-volume-missing", "g", "SecretNotFound", PERMANENT, LATE),
    Row("claim-missing", "g", "QueuedTimeout", SYSTEM, LATE),
    Row("claim-unbound", "g", "QueuedTimeout", SYSTEM, LATE),
    Row("input-invalid", "gis", "InvalidInput", PERMANENT),
    # --- Clocks and wills -----------------------------------------------------------------------------
    Row("execution-timeout", "gis", "ExecutionTimeout", USER),
    Row("execution-timeout-ignored", "gs", "ExecutionTimeout", USER),
    Row("download-timeout", "gis", "DownloadTimeout", SYSTEM),
    Row("upload-timeout", "gis", "UploadTimeout", SYSTEM),
    Row("queued-timeout", "g", "QueuedTimeout", SYSTEM),
    Row("unschedulable", "g", "QueuedTimeout", SYSTEM, LATE),
    Row("deadline-exceeded", "gis", "DeadlineExceeded", TERMINAL),
    Row("deadline-by-somebody", "gs", "PodDeadlineExceeded", SYSTEM),
    Row("cancelled", "gis", "Cancelled", TERMINAL),
    Row("cancelled-ignored", "gs", "Cancelled", TERMINAL),
    Row("cancelled-unscheduled", "g", "Cancelled", TERMINAL),
    Row("suspended", "g", "Suspended", FREE),
    # --- The cluster ----------------------------------------------------------------------------------
    Row("deleted", "gis", "PodDeleted", SYSTEM),
    Row("deleted-at-once", "gis", "PodDeleted", SYSTEM),
    Row("deleted-ignored", "gs", "PodDeleted", SYSTEM),
    Row("deleted-unscheduled", "gi", "PodDeleted", SYSTEM),
    Row("evicted", "gis", "Evicted", SYSTEM),
    Row("evicted-before-its-start", "g", "Evicted", SYSTEM),
    Row("drained", "gis", "Evicted", SYSTEM),
    Row("evicted-by-kubelet", "gis", "Evicted", SYSTEM),
    Row("preempted", "gis", "Preempted", SYSTEM),
    Row("preempted-by-kubelet", "gs", "Preempted", SYSTEM),
    # --- Its node -------------------------------------------------------------------------------------
    Row("node-unreachable", "gis", "NodeLost", SYSTEM, TAKEN),
    Row("node-unreachable-forced", "g", "NodeLost", SYSTEM),
    Row("node-unreachable-returned", "gs", "NodeLost", SYSTEM),
    Row("node-not-ready", "g", "NodeLost", SYSTEM, TAKEN),
    Row("node-deleted", "gs", "NodeLost", SYSTEM),
    Row("node-shutdown", "gis", "NodeLost", SYSTEM),
    Row("node-shutdown-refused", "gs", "NodeLost", SYSTEM),
    Row("node-crashed", "gis", "Interrupted", SYSTEM),
    Row("node-without-memory", "gs", "Evicted", SYSTEM),
    Row("node-shrunk", "gs", "Interrupted", SYSTEM),
    Row("node-without-room", "g", "PodFailed", SYSTEM),
)

REFUSALS: Final = (
    Row("quota-exceeded", "", "QuotaExceeded", NONE, STANDS),
    Row("quota-exceeded-init", "", "QuotaExceeded", NONE, STANDS),
    Row("quota-of-cpu-exceeded", "", "QuotaExceeded", NONE, STANDS),
    Row("service-account-missing", "", "ServiceAccountNotFound", NONE, STANDS),
    Row("operator-forbidden", "", "OperatorForbidden", NONE, STANDS),
    Row("namespace-terminating", "", "NamespaceTerminating", NONE, STANDS),
    Row("webhook-times-out", "", "PodCreationFailing", NONE, STANDS),
    Row("webhook-unreachable", "", "PodCreationFailing", NONE, STANDS),
    Row("webhook-without-service", "", "PodCreationFailing", NONE, STANDS),
    Row("webhook-of-another-authority", "", "PodCreationFailing", NONE, STANDS),
    Row("webhook-answers-503", "", "PodCreationFailing", NONE, STANDS),
    Row("webhook-denies-init", "", "PodRefused", PERMANENT),
    Row("webhook-denies-as-invalid", "", "PodRefused", PERMANENT),
    Row("webhook-denies-as-conflict", "", "PodCreationFailing", NONE, STANDS),
    Row("webhook-denies-as-busy", "", "PodCreationFailing", NONE, STANDS),
    Row("policy-denies-init", "", "PodRefused", PERMANENT),
    Row("policy-fails", "", "PodRefused", PERMANENT),
    Row("pod-security-restricted-init", "", "PodRefused", PERMANENT),
    Row("limit-range-wants-less-copilot", "", "PodRefused", PERMANENT),
    Row("priority-class-missing", "", "ClassNotFound", NONE, STANDS),
    Row("priority-class-missing-init", "", "ClassNotFound", NONE, STANDS),
    Row("runtime-class-missing", "", "ClassNotFound", NONE, STANDS),
    Row("invalid-resources", "", "InvalidPodTemplate", PERMANENT),
    Row("invalid-field-path", "", "InvalidPodTemplate", PERMANENT),
    Row("invalid-unknown-field", "", "InvalidPodTemplate", PERMANENT),
    Row("invalid-type", "", "InvalidPodTemplate", PERMANENT),
    Row("invalid-mount-path", "", "InvalidPodTemplate", PERMANENT),
    *(
        Row(name, "", "", NONE, TRIES_INIT)
        for name in (
            *("quota-wants-requests", "limit-range-exceeded"),
            *("pod-security-restricted", "pod-security-baseline"),
            *("webhook-denies", "webhook-denies-without-words", "policy-denies"),
        )
    ),
)

TABLE: Final = {
    f"{folder}/{name}": row
    for folder, rows in (("ends", ENDINGS), ("refusals", REFUSALS))
    for row in rows
    for name in row.recordings
}


def assert_classified(found: Told, row: Row) -> None:
    """Compare what the core says with the table: how it ends, why, and what follows from that."""
    assert (found.how, found.reason) == (row.how, row.reason), found.message
    if row.class_ != NONE:
        assert classify(Reason(found.reason), found.message).value == row.class_


@pytest.mark.parametrize("name", TABLE)
def test_a_recording_is_told_as_the_table_says(name: str) -> None:
    assert_classified(recordedends.told_by(recordedends.recording(name)), TABLE[name])


def test_every_recording_has_its_row_and_every_row_its_recordings() -> None:
    assert sorted(TABLE) == recordedends.names()


def test_every_recording_can_be_made_again() -> None:
    assert sorted(TABLE) == sorted(
        [*(f"ends/{one}" for one in ENDS), *(f"refusals/{one}" for one in QUESTIONS)]
    )
