"""A map: one task over many inputs, four at a time; one in ten may fail."""

import containertask as ct

square = ct.ContainerTask(
    "square",
    "debian:trixie-slim",
    ["sh", "-euc", 'echo $(($1 * $1)) > "$CT_OUTPUT_DIR/squared"', "square"],
    inputs={"n": int},
    arguments=["{{.inputs.n}}"],
    outputs={"squared": int},
)

if __name__ == "__main__":
    found = ct.map(square.override(local=False), range(20), concurrency=4, min_success_ratio=0.9)
    print([one.squared if isinstance(one, ct.Outputs) else one.reason for one in found])
