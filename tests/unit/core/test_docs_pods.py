"""The example of ``docs/pods.md`` does what the page says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from containertask.contract.manifest import Mode
from containertask.core.accept import Accepted, accept
from containertask.core.attempt import Attempt
from containertask.core.podspec import build_pod
from support.builders import CONFIG, a_task

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "pods.md").read_text()


def test_the_example_of_the_page() -> None:
    template, task = yaml.safe_load_all(PAGE.partition("```yaml\n")[2].partition("```")[0])
    view = a_task(**task["spec"]).view()
    accepted = accept(view)
    assert isinstance(accepted, Accepted)
    pod: Any = build_pod(view, accepted, Attempt(number=0, mode=Mode.GATED, template=template), CONFIG)
    assert [one["key"] for one in pod["spec"]["tolerations"]] == ["gpu", "night"]
    assert pod["metadata"]["labels"]["team"] == "research"
    names = [one["name"] for one in pod["spec"]["containers"]]
    assert names == ["downloader", "uploader", "main", "proxy"]
    main = pod["spec"]["containers"][2]
    assert main["image"] == "registry.example/train:3"
    values = {one["name"]: one["value"] for one in main["env"]}
    assert (values["SITE"], values["LEVEL"]) == ("north", "debug")
    assert "/models" in {one["mountPath"] for one in main["volumeMounts"]}
