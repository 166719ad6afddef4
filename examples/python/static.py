"""A static program in an image with nothing else: the same task as examples/static.yaml."""

import containertask as ct

task = ct.ContainerTask(
    "static",
    "hello-world:linux",
    ["/hello"],
    outputs={"said": ct.Output(str, source="Stdout"), "code": ct.Output(int, source="ExitCode")},
)
inputs: dict[str, object] = {}

if __name__ == "__main__":
    print(task().said)
