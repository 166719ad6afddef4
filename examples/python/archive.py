"""A folder becomes one file: the same task as examples/archive.yaml."""

import containertask as ct

task = ct.ContainerTask(
    "archive",
    "debian:trixie-slim",
    ["tar", "-czf", "{{.outputs.packed.path}}", "-C", "{{.inputs.folder.path}}", "."],
    inputs={"folder": ct.Dir},
    outputs={"packed": ct.Output(ct.File, path="/var/outputs/reports.tar.gz")},
)
inputs = {"folder": ct.Dir(uri="s3://team-data/reports/2026/")}

if __name__ == "__main__":
    print(task.submit(**inputs).outputs.packed.download("reports.tar.gz"))
