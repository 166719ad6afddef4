"""A GPU: the same task as examples/gpu.yaml."""

import containertask as ct

task = ct.ContainerTask(
    "gpu",
    "nvidia/cuda:12.9.1-base-ubuntu24.04",
    ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"],
    outputs={"card": ct.Output(str, source="Stdout")},
    accelerator="nvidia-t4",
    shared_memory="2Gi",
    timeout={"queued": "30m", "execution": 60},
)
inputs: dict[str, object] = {}

if __name__ == "__main__":
    print(task.submit().outputs.card)
