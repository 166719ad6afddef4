"""A chain: the second task takes what the first has written, as in examples/chain.yaml."""

import containertask as ct

THROW = """\
mkdir "$CT_OUTPUT_DIR/throws"
awk -v seed="$1" 'BEGIN { srand(seed); for (i = 0; i < 10; i++) print i, int(rand() * 6) + 1 }' |
  while read -r at dots; do echo "$dots" > "$CT_OUTPUT_DIR/throws/$at"; done
"""

throws = ct.ContainerTask(
    "throws",
    "debian:trixie-slim",
    ["sh", "-euc", THROW, "throws"],
    inputs={"seed": int},
    arguments=["{{.inputs.seed}}"],
    outputs={"throws": list[int]},
)
highest = ct.ContainerTask(
    "highest",
    "debian:trixie-slim",
    ["sh", "-euc", 'sort -n "$CT_INPUT_DIR"/throws/* | tail -n 1 > "$CT_OUTPUT_DIR/highest"'],
    inputs={"throws": list[int]},
    outputs={"highest": int},
)

if __name__ == "__main__":
    first = throws.prepare(seed=7)
    print(highest.submit(throws=first["throws"]).outputs.highest)
