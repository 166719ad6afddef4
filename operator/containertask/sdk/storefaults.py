"""What an exception of obstore, of the web or of the disk means to who reads and writes a store from here."""

from __future__ import annotations

import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from containertask.errors import ContainerTaskError, TransferError
from containertask.sdk.threads import GivenUp

_WHERE: Final = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS",
    "az": "AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_TOKEN",
}
_NO_CREDENTIAL: Final = ("token request", "Access Key", "service account", "credential")
"""What obstore says where it finds none that it can use."""


@contextmanager
def said(what: str, uri: str) -> Iterator[None]:
    """Turn what fails into TransferError: ``what`` is "download of", say. No text of theirs goes on.

    Theirs quote what was asked for, and what a server said, and so a credential.
    """
    try:
        yield
    except urllib.error.URLError as error:
        text = f"{error.code}" if isinstance(error, urllib.error.HTTPError) else "no answer"
        raise _failed(what, uri, text) from None
    except (ContainerTaskError, GivenUp):
        raise
    except Exception as error:  # noqa: BLE001 - obstore's errors have no common base
        raise _failed(what, uri, _meaning(error, uri.partition("://")[0])) from None


def _failed(what: str, uri: str, text: str) -> TransferError:
    return TransferError(f"the {what} {uri.partition('?')[0]} failed: {text}")


def _meaning(error: Exception, scheme: str) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return f"{error.filename}: {error.strerror}" if error.filename else f"{error.strerror}"
    where = f"here they are yours: {_WHERE.get(scheme, 'of the environment')}"
    if any(word in str(error) for word in _NO_CREDENTIAL):
        return f"there are no credentials that can be used; {where}"
    from containertask.copilot.transfer.errors import ForbiddenError  # noqa: PLC0415 - needs obstore
    from containertask.copilot.transfer.faults import fault_of  # noqa: PLC0415 - as above

    fault = fault_of(error, "it")
    return f"{fault} ({where})" if isinstance(fault, ForbiddenError) else str(fault)
