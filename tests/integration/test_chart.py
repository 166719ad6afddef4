"""The Helm chart: what it renders, what the API server says to that, and what wrong values are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from support import cluster
from support.cluster import REPOSITORY, Json, Namespace
from support.release import CHART, helm

EVERYTHING = CHART / "ci/everything-values.yaml"
EXPECTED = yaml.safe_load((CHART / "ci/expected.yaml").read_text())
REFUSALS = yaml.safe_load((CHART / "ci/refusals.yaml").read_text())
CRDS = sorted((REPOSITORY / "crds").glob("*.yaml"))
RELEASE = "rendered"
NAME = "rendered-containertask-operator"


def rule(group: str, resource: str, verbs: str, **more: list[str]) -> Json:
    return {"apiGroups": [group], "resources": [resource], **more, "verbs": verbs.split()}


def both(one: str, other: str, verbs: str) -> Json:
    return {"apiGroups": ["containertask.dev"], "resources": [one, other], "verbs": verbs.split()}


OPERATOR_RULES = [
    rule("containertask.dev", "containertasks", "get list watch delete"),
    rule("containertask.dev", "containertasks/status", "update"),
    both("artifactstores", "containertasktemplates", "list watch"),
    both("artifactstores/status", "containertasktemplates/status", "update"),
    rule("", "pods", "create get list watch patch delete"),
    rule("", "configmaps", "create"),
    rule("", "podtemplates", "get"),
    rule("", "events", "create list"),
]
LEASE_RULES = [
    rule("coordination.k8s.io", "leases", "create"),
    rule("coordination.k8s.io", "leases", "get update", resourceNames=["containertask-operator"]),
]
NODE_RULES = [rule("", "nodes", "list")]
STORE_RULES = [
    rule("containertask.dev", "clusterartifactstores", "list watch"),
    rule("containertask.dev", "clusterartifactstores/status", "update"),
]
TEMPLATE_RULES = [
    rule("containertask.dev", "clustercontainertasktemplates", "list watch"),
    rule("containertask.dev", "clustercontainertasktemplates/status", "update"),
]
READ = "get list watch"
EDIT = "create delete deletecollection get list patch update watch"


def rendered(*flags: str | Path, chart: Path = CHART) -> list[Json]:
    """Return what ``helm template`` prints."""
    text = helm("template", RELEASE, chart, "--namespace=containertask", *flags)
    return [found for found in yaml.safe_load_all(text) if found]


def only(objects: list[Json], kind: str, name: str = NAME) -> Json:
    """Return the one object of this kind and name."""
    (found,) = [one for one in objects if one["kind"] == kind and one["metadata"]["name"] == name]
    return found


def pod_spec(objects: list[Json], name: str = NAME) -> Json:
    found: Json = only(objects, "Deployment", name)["spec"]["template"]["spec"]
    return found


def env(objects: list[Json], name: str = NAME) -> Json:
    """Return the operator's environment; fails on a name that is there twice."""
    (container,) = pod_spec(objects, name)["containers"]
    found = {one["name"]: one.get("value", one.get("valueFrom")) for one in container["env"]}
    assert len(found) == len(container["env"])
    return found


@pytest.fixture(scope="module")
def default() -> list[Json]:
    return rendered()


@pytest.fixture(scope="module")
def everything() -> list[Json]:
    return rendered(f"--values={EVERYTHING}")


@pytest.mark.parametrize("flags", [[], [f"--values={EVERYTHING}"]], ids=["default", "everything"])
def test_lint_has_nothing_to_say(flags: list[str]) -> None:
    assert "0 chart(s) failed" in helm("lint", "--strict", CHART, *flags)


def test_by_default_there_is_what_the_operator_needs_and_nothing_else(default: list[Json]) -> None:
    found = {(one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]) for one in default}
    assert found == {
        ("CustomResourceDefinition", None, "artifactstores.containertask.dev"),
        ("CustomResourceDefinition", None, "clusterartifactstores.containertask.dev"),
        ("CustomResourceDefinition", None, "clustercontainertasktemplates.containertask.dev"),
        ("CustomResourceDefinition", None, "containertasks.containertask.dev"),
        ("CustomResourceDefinition", None, "containertasktemplates.containertask.dev"),
        ("Deployment", "containertask", NAME),
        ("ServiceAccount", "containertask", NAME),
        ("ClusterRole", None, NAME),
        ("ClusterRoleBinding", None, NAME),
        ("ClusterRole", None, f"{NAME}-nodes"),
        ("ClusterRoleBinding", None, f"{NAME}-nodes"),
        ("ClusterRole", None, f"{NAME}-stores"),
        ("ClusterRoleBinding", None, f"{NAME}-stores"),
        ("ClusterRole", None, f"{NAME}-templates"),
        ("ClusterRoleBinding", None, f"{NAME}-templates"),
        ("Role", "containertask", f"{NAME}-lease"),
        ("RoleBinding", "containertask", f"{NAME}-lease"),
        ("ClusterRole", None, "containertask-edit"),
        ("ClusterRole", None, "containertask-view"),
    }


def test_the_operators_rights_are_these_and_no_more(default: list[Json]) -> None:
    assert only(default, "ClusterRole")["rules"] == OPERATOR_RULES
    assert only(default, "Role", f"{NAME}-lease")["rules"] == LEASE_RULES
    assert only(default, "ClusterRole", f"{NAME}-nodes")["rules"] == NODE_RULES
    assert only(default, "ClusterRole", f"{NAME}-stores")["rules"] == STORE_RULES
    assert only(default, "ClusterRole", f"{NAME}-templates")["rules"] == TEMPLATE_RULES


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("ClusterRoleBinding", NAME),
        ("ClusterRoleBinding", f"{NAME}-nodes"),
        ("ClusterRoleBinding", f"{NAME}-stores"),
        ("RoleBinding", f"{NAME}-lease"),
    ],
)
def test_the_rights_are_the_operators_service_accounts(default: list[Json], kind: str, name: str) -> None:
    binding = only(default, kind, name)
    subject = {"kind": "ServiceAccount", "name": NAME, "namespace": "containertask"}
    assert binding["subjects"] == [subject]
    role = {"kind": kind.removesuffix("Binding"), "name": name}
    assert binding["roleRef"] == {"apiGroup": "rbac.authorization.k8s.io", **role}
    assert pod_spec(default)["serviceAccountName"] == NAME


def of_the_cluster(objects: list[Json]) -> list[tuple[str, str]]:
    """Return the roles and bindings of the whole cluster, by kind and name."""
    kinds = {"ClusterRole", "ClusterRoleBinding"}
    return [(one["kind"], one["metadata"]["name"]) for one in objects if one["kind"] in kinds]


def test_with_namespaces_there_is_a_role_in_each_and_for_the_cluster_only_what_has_no_namespace() -> None:
    objects = rendered("--set=namespaces={a,b}", "--set=rbac.userRoles=false")
    assert of_the_cluster(objects) == [
        ("ClusterRole", f"{NAME}-nodes"),
        ("ClusterRole", f"{NAME}-stores"),
        ("ClusterRole", f"{NAME}-templates"),
        ("ClusterRoleBinding", f"{NAME}-nodes"),
        ("ClusterRoleBinding", f"{NAME}-stores"),
        ("ClusterRoleBinding", f"{NAME}-templates"),
    ]
    roles = {one["metadata"]["namespace"]: one for one in objects if one["kind"] == "Role"}
    assert roles.keys() == {"a", "b", "containertask"}
    assert [roles[name]["rules"] for name in ("a", "b")] == [OPERATOR_RULES, OPERATOR_RULES]
    bindings = {one["metadata"]["namespace"]: one for one in objects if one["kind"] == "RoleBinding"}
    assert bindings.keys() == roles.keys()
    assert {one["subjects"][0]["namespace"] for one in bindings.values()} == {"containertask"}
    assert env(objects)["CONTAINERTASK_NAMESPACES"] == "a,b"


IN_CLUSTER = {"nodes": "nodes", "stores": "clusterStores", "templates": "clusterTemplates"}


@pytest.mark.parametrize("name", IN_CLUSTER)
def test_each_right_in_the_cluster_can_be_left_out(name: str) -> None:
    value = IN_CLUSTER[name]
    flags = ["--set=namespaces={a}", "--set=rbac.userRoles=false", f"--set=rbac.{value}=false"]
    left = {one.rpartition("-")[2] for _, one in of_the_cluster(rendered(*flags))}
    assert left == IN_CLUSTER.keys() - {name}


@pytest.mark.parametrize("wanted", ["true", "false"])
def test_without_the_operators_roles_it_gets_none_in_the_cluster_either(wanted: str) -> None:
    more = [f"--set=rbac.{value}={wanted}" for value in IN_CLUSTER.values()]
    objects = rendered("--set=rbac.create=false", "--set=rbac.userRoles=false", *more)
    assert not [one for one in objects if one["apiVersion"].startswith("rbac.")]


OWN = ["artifactstores", "containertasks", "containertasktemplates"]
SHOWN = sorted([*OWN, "clusterartifactstores", "clustercontainertasktemplates"])


@pytest.mark.parametrize(
    ("role", "resources", "verbs"), [("edit", OWN, EDIT), ("view", SHOWN, READ)], ids=["edit", "view"]
)
def test_users_rights_join_kubernetes_own_roles(
    default: list[Json], role: str, resources: list[str], verbs: str
) -> None:
    found = only(default, "ClusterRole", f"containertask-{role}")
    assert found["metadata"]["labels"][f"rbac.authorization.k8s.io/aggregate-to-{role}"] == "true"
    wanted = {"apiGroups": ["containertask.dev"], "resources": resources, "verbs": verbs.split()}
    assert found["rules"] == [wanted]


def test_the_operators_pod_has_no_right_on_its_node_and_no_place_to_write(default: list[Json]) -> None:
    spec = pod_spec(default)
    (container,) = spec["containers"]
    assert spec["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "volumes" not in spec
    assert spec["automountServiceAccountToken"] is True
    assert only(default, "ServiceAccount")["automountServiceAccountToken"] is False


def test_the_operators_pod_passes_a_namespace_that_enforces_restricted(namespace: Namespace) -> None:
    spec = pod_spec(rendered("--set=serviceAccount.create=false"))
    namespace.dry_run({"metadata": {"name": "operator"}, "spec": spec})


def test_the_operators_whole_configuration_is_its_environment(default: list[Json]) -> None:
    (container,) = pod_spec(default)["containers"]
    assert env(default) == EXPECTED["defaultEnvironment"]
    assert container["image"] == env(default)["CONTAINERTASK_IMAGE"]
    assert not {"args", "command"} & container.keys()


def test_every_value_gets_to_the_environment(everything: list[Json]) -> None:
    assert env(everything, "task-operator") == EXPECTED["everythingEnvironment"]


@pytest.mark.parametrize("kind", EXPECTED["everythingSpecs"])
def test_what_is_off_by_default_can_be_had(everything: list[Json], kind: str) -> None:
    (found,) = [one for one in everything if one["kind"] == kind]
    assert found["spec"] == EXPECTED["everythingSpecs"][kind]


def test_labels_of_the_user_never_break_the_selector(everything: list[Json]) -> None:
    spec = only(everything, "Deployment", "task-operator")["spec"]
    labels = spec["template"]["metadata"]["labels"]
    assert spec["selector"]["matchLabels"].items() <= labels.items()
    assert labels["example.com/team"] == "batch"


@pytest.mark.parametrize("uid", [65532, 1_000_700_000, 2_147_483_647])
def test_a_large_user_id_of_a_values_file_stays_a_number(tmp_path: Path, uid: int) -> None:
    values = tmp_path / "values.yaml"
    values.write_text(f"copilot: {{uid: {uid}}}\n")
    assert env(rendered(f"--values={values}"))["CONTAINERTASK_COPILOT_UID"] == str(uid)


def test_a_packaged_chart_is_the_same_chart(tmp_path: Path, default: list[Json]) -> None:
    """The CRDs are a link to a folder outside of the chart."""
    helm("package", CHART, f"--destination={tmp_path}")
    (package,) = tmp_path.glob("*.tgz")
    assert rendered(chart=package) == default


@pytest.mark.parametrize("path", CRDS, ids=[path.stem for path in CRDS])
def test_a_crd_gets_annotations_and_labels_and_is_else_untouched(everything: list[Json], path: Path) -> None:
    original = yaml.safe_load(path.read_text())
    found = only(everything, "CustomResourceDefinition", original["metadata"]["name"])
    annotations = found["metadata"].pop("annotations")
    del found["metadata"]["labels"]
    assert annotations == {"helm.sh/resource-policy": "keep", "example.com/owner": "platform"}
    assert found == original


def test_crds_may_go_with_the_release_or_not_be_in_it() -> None:
    kept = [one for one in rendered("--set=crds.keep=false") if one["kind"] == "CustomResourceDefinition"]
    assert kept
    assert not [one for one in kept if "helm.sh/resource-policy" in one["metadata"]["annotations"]]
    kinds = {one["kind"] for one in rendered("--set=crds.enabled=false")}
    assert "CustomResourceDefinition" not in kinds


SETS = {"default": [], "everything": [f"--values={EVERYTHING}"], "namespaces": ["--set=namespaces={default}"]}


@pytest.mark.parametrize("flags", SETS.values(), ids=SETS.keys())
def test_the_api_server_takes_all_of_it(namespace: Namespace, flags: list[str]) -> None:
    """But for the ServiceMonitor, whose kind is not Kubernetes' own."""
    objects = [one for one in rendered(*flags) if one["kind"] != "ServiceMonitor"]
    for one in objects:
        if one["metadata"].get("namespace") == "containertask":
            one["metadata"]["namespace"] = namespace.name
    how = ["--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict"]
    said = cluster.kubectl("apply", *how, "--filename=-", stdin=yaml.safe_dump_all(objects))
    assert len(said.splitlines()) == len(objects)


def test_the_notes_example_is_a_task_that_the_api_server_takes(namespace: Namespace) -> None:
    cluster.kubectl("apply", "--server-side", "--force-conflicts", f"--filename={REPOSITORY / 'crds'}")
    cluster.kubectl("wait", "--for=condition=Established", f"--filename={REPOSITORY / 'crds'}")
    notes = json.loads(helm("install", RELEASE, CHART, "--dry-run=client", "--output=json"))["info"]["notes"]
    example = yaml.safe_load(notes.partition("<<'TASK'\n")[2].partition("TASK\n")[0])
    assert "{{.inputs.a}}" in example["spec"]["args"][0]
    namespace.apply(example, "--dry-run=server", "--validate=strict")


@pytest.mark.parametrize("refusal", REFUSALS, ids=[str(one["values"]) for one in REFUSALS])
def test_wrong_values_are_refused_by_name(tmp_path: Path, refusal: Json) -> None:
    values = tmp_path / "values.yaml"
    values.write_text(yaml.safe_dump(refusal["values"]))
    with pytest.raises(AssertionError) as caught:
        rendered(f"--values={values}")
    assert refusal["message"] in str(caught.value)
