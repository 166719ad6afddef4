"""What the kinds of store have in common: prefixes, endpoints, hosts, credentials, private authorities.

Secrets, ConfigMaps and claims are named, never read: a task's Pod finds them in the task's own namespace.
"""

from __future__ import annotations

import enum
from typing import Annotated, Final

from pydantic import ConfigDict, Field

from containertask.api.base import BY_NAME, ApiModel, ObjectName, Rule, rules
from containertask.api.structural import PATTERN_MESSAGE

MAX_PREFIX: Final = 512
MAX_HOSTS: Final = 64
MAX_PREFIXES: Final = 64
MAX_OBJECTS: Final = 100_000
_MAX_HOST: Final = 259
"""A host name has 253 characters at most, a port six with its colon."""

_NO: Final = r"/\x00-\x1f\x7f-\x9f"
_PART: Final = rf"([^.{_NO}]|[.][^.{_NO}]|[.][.][^{_NO}])[^{_NO}]*"
"""One component of a key: neither empty nor ``.`` nor ``..``, without control characters."""
PREFIX_BYTES: Final = Rule(
    f"bytes(self).size() <= {MAX_PREFIX}", f"at most {MAX_PREFIX} bytes, as UTF-8: shorten it"
)
Prefix = Annotated[
    str,
    Field(
        max_length=MAX_PREFIX,
        pattern=f"^{_PART}(/{_PART})*$",
        json_schema_extra={
            PATTERN_MESSAGE: "write names with one slash between them, none at either end, without `.`, `..` "
            "and control characters, such as team-a/results",
            **rules(PREFIX_BYTES),
        },
    ),
]
"""A path within a store."""

_PORT: Final = "(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?"
_LABEL: Final = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_LAST: Final = "[a-z]([a-z0-9-]{0,61}[a-z0-9])?"
"""The last part of a name begins with a letter: whatever ends with a number is read as an address."""
_BYTE: Final = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_ADDRESS: Final = rf"{_BYTE}([.]{_BYTE}){{3}}"
_NAME: Final = rf"({_LABEL}[.])*{_LAST}"
_ANY_OF: Final = rf"[*][.]({_LABEL}[.])+{_LAST}"

Endpoint = Annotated[
    str,
    Field(
        max_length=_MAX_HOST + len("https://"),
        pattern=rf"^https?://({_NAME}|{_ADDRESS}|\[[0-9a-f:]{{2,39}}\]){_PORT}$",
        json_schema_extra={
            PATTERN_MESSAGE: "write http:// or https://, a host in small letters and at most a port, no "
            "user, path or query, such as http://minio.storage.svc:9000"
        },
    ),
]
"""Where a server is that speaks a provider's protocol."""

NOT_OF_THE_NODE: Final = Rule(
    r"!self.matches(r'^(0|127)([.][0-9]+){3}(:|$)|^169[.]254[.]|(^|[.])localhost(:|$)')",
    "loopback and link-local addresses are nobody's store: write the host's name, such as data.example.org",
)
Host = Annotated[
    str,
    Field(
        max_length=_MAX_HOST,
        pattern=rf"^({_NAME}|{_ADDRESS}|{_ANY_OF}){_PORT}$",
        json_schema_extra={
            PATTERN_MESSAGE: "write a host in small letters with at most a port, such as "
            "data.example.org:8443, or all names below one, such as *.example.org",
            **rules(NOT_OF_THE_NODE),
        },
    ),
]
"""A host that may be read from, or all below a name."""


class CredentialType(enum.StrEnum):
    """How a task proves who it is."""

    SECRET = "Secret"  # noqa: S105 - a type
    POD_IDENTITY = "PodIdentity"
    ANONYMOUS = "Anonymous"


A_SECRET_BY_NAME: Final = Rule(
    "(self.type == 'Secret') == has(self.secretName)",
    "secretName belongs to type Secret, and to no other: set both, or leave secretName out",
    ".secretName",
)


class Credentials(ApiModel):
    """How a task proves to the store who it is."""

    model_config = ConfigDict(json_schema_extra=rules(A_SECRET_BY_NAME))

    type: Annotated[
        CredentialType,
        BY_NAME,
        Field(
            description="`Secret`: keys in the Secret `secretName`. `PodIdentity`: the identity of the "
            "task's Pod (its service account, or its node). `Anonymous`: none."
        ),
    ]
    secret_name: Annotated[
        ObjectName | None,
        Field(
            description="Secret in the task's own namespace, such as `store-key`; with a "
            "ClusterArtifactStore, too. Its keys for s3: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, if "
            "wanted, AWS_SESSION_TOKEN; for gcs: key.json; for azure: AZURE_STORAGE_ACCOUNT_KEY or "
            "AZURE_STORAGE_SAS_TOKEN; for http: username and password, or token."
        ),
    ] = None


class ConfigMapKey(ApiModel):
    """A key of a ConfigMap."""

    name: Annotated[
        ObjectName,
        Field(
            description="ConfigMap in the task's own namespace, such as `company-ca`; with a "
            "ClusterArtifactStore, too."
        ),
    ]
    key: Annotated[
        str,
        Field(
            max_length=253,
            pattern=r"^[.]?[A-Za-z0-9_-][A-Za-z0-9._-]*$",
            json_schema_extra={PATTERN_MESSAGE: "write a ConfigMap's key, such as ca.crt"},
            description="Key in it with certificates as PEM, such as `ca.crt`.",
        ),
    ]


class Tls(ApiModel):
    """Whom to believe that it is the store."""

    ca_config_map: Annotated[
        ConfigMapKey,
        Field(
            description="Certificates of a private authority, believed beside the public ones, such as "
            "`{name: company-ca, key: ca.crt}`."
        ),
    ]
