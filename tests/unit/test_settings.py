"""Settings from the environment: what is taken, and what is refused by name before anything starts."""

from __future__ import annotations

import pytest

from containertask.core.config import Config, PodSecurity
from containertask.core.offers import AcceleratorType, Allow, Partition
from containertask.runtime.settings import SettingsError, from_environment

LEAST = {"CONTAINERTASK_IMAGE": "registry.example/c:1"}


def test_with_an_image_alone_all_else_has_its_default() -> None:
    found = from_environment(LEAST)
    assert found.config == Config(image="registry.example/c:1")
    assert (found.namespaces, found.lease_namespace) == ((), "default")
    assert (found.host, found.port) == ("0.0.0.0", 8080)  # noqa: S104 - what is wanted in a Pod
    assert (found.log_level, found.log_format) == ("info", "text")


def test_a_pods_identity_is_stable_and_that_of_any_other_process_is_its_own() -> None:
    pod = LEAST | {"CONTAINERTASK_POD_NAME": "operator-0", "CONTAINERTASK_POD_UID": "u"}
    assert from_environment(pod).identity == "operator-0_u" == from_environment(pod).identity
    assert from_environment(LEAST).identity != from_environment(LEAST).identity


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("COPILOT_UID", "", None),
        ("COPILOT_UID", "1000", 1000),
        ("POD_SECURITY", "Restricted", PodSecurity.RESTRICTED),
        ("DEFAULT_TTL", "", None),
        ("DEFAULT_TTL", "1h30m", 5400),
        ("IMAGE_PULL_GRACE", "10s", 10),
        ("NODE_LOST_GRACE", "1h", 3600),
        ("IMAGE_PULL_POLICY", "", None),
        ("IMAGE_PULL_POLICY", "Never", "Never"),
        ("COPILOT_LIMITS", '{"memory": "1Gi"}', {"memory": "1Gi"}),
        ("ALLOW", "", Allow()),
        ("ALLOW", '{"privileged": true}', Allow(privileged=True)),
        (
            "ALLOW",
            '{"hostPaths": ["/data"], "hostNamespaces": true, "serviceAccounts": ["batch-*"]}',
            Allow(host_paths=("/data",), host_namespaces=True, service_accounts=("batch-*",)),
        ),
        ("ACCELERATORS", "{}", {}),
        ("ACCELERATORS", '{"t4": {"resource": "gpu"}}', {"t4": AcceleratorType(resource="gpu")}),
        (
            "ACCELERATORS",
            (
                '{"t4": {"resource": "gpu", "nodeSelector": {"a": "b"}, "tolerations": [{"key": "k"}],'
                ' "partitions": {"half": {"resource": "half"}, "new": {"nodeSelector": {"n": "1"}}}}}'
            ),
            {
                "t4": AcceleratorType(
                    resource="gpu",
                    node_selector={"a": "b"},
                    tolerations=({"key": "k"},),
                    partitions={
                        "half": Partition(resource="half"),
                        "new": Partition(node_selector={"n": "1"}),
                    },
                )
            },
        ),
        ("INTERRUPTIBLE", '{"nodeSelector": {}, "tolerations": []}', {}),
        ("INTERRUPTIBLE", '{"nodeSelector": {"a": "b"}}', {"nodeSelector": {"a": "b"}}),
        ("COPILOT_REQUESTS", "{}", {"cpu": "10m", "memory": "32Mi"}),
    ],
)
def test_each_setting_of_the_decisions_is_read(name: str, text: str, expected: object) -> None:
    found = from_environment(LEAST | {f"CONTAINERTASK_{name}": text})
    assert getattr(found.config, name.lower()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [(":80", ("0.0.0.0", 80)), ("127.0.0.1:0", ("127.0.0.1", 0)), ("[::1]:65535", ("::1", 65535))],  # noqa: S104
)
def test_the_address_may_have_a_host(text: str, expected: tuple[str, int]) -> None:
    found = from_environment(LEAST | {"CONTAINERTASK_LISTEN": text})
    assert (found.host, found.port) == expected


def test_namespaces_are_names_with_commas_between_each_once() -> None:
    found = from_environment(LEAST | {"CONTAINERTASK_NAMESPACES": " a, b-2,,a "})
    assert found.namespaces == ("a", "b-2")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("IMAGE", " "),
        ("IMAGE_PULL_POLICY", "Sometimes"),
        ("COPILOT_UID", "root"),
        ("COPILOT_UID", "-1"),
        ("COPILOT_UID", "2147483648"),
        ("POD_SECURITY", "None"),
        ("DEFAULT_TTL", "1 week"),
        ("DOWNLOAD_TIMEOUT", ""),
        ("COPILOT_LIMITS", "[]"),
        ("COPILOT_LIMITS", "{"),
        ("COPILOT_LIMITS", "[" * 100_000),
        ("ALLOW", '{"privileged": "yes"}'),
        ("ALLOW", '{"hostPath": ["/data"]}'),
        ("ALLOW", '{"hostPaths": "/data"}'),
        ("ALLOW", '{"hostPaths": ["data"]}'),
        ("ALLOW", '{"serviceAccounts": [1]}'),
        ("ACCELERATORS", '{"t4": "gpu"}'),
        ("ACCELERATORS", '{"t4": {}}'),
        ("ACCELERATORS", '{"t4": {"resource": "gpu", "selector": {}}}'),
        ("ACCELERATORS", '{"t4": {"resource": "gpu", "nodeSelector": {"a": 1}}}'),
        ("ACCELERATORS", '{"t4": {"resource": "gpu", "partitions": {"half": {"resource": ""}}}}'),
        ("INTERRUPTIBLE", '{"tolerations": {}}'),
        ("INTERRUPTIBLE", '{"toleration": []}'),
        ("NAMESPACES", "team-*"),
        ("NAMESPACES", "a,!b"),
        ("LISTEN", "8080"),
        ("LISTEN", ":70000"),
        ("LISTEN", "::1:80"),
        ("LOG_LEVEL", "INFO"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_what_cannot_be_is_refused_by_the_variables_name(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"^CONTAINERTASK_{name}="):
        from_environment(LEAST | {f"CONTAINERTASK_{name}": text})


def test_a_missing_image_is_refused() -> None:
    with pytest.raises(SettingsError, match="CONTAINERTASK_IMAGE is not set"):
        from_environment({})
