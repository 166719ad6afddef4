"""What many tasks run, said once: the same template and task as examples/template.yaml."""

import containertask as ct

SCRIPT = """\
awk -v start="$1" -v rate="$2" -v years="$3" \\
  'BEGIN { printf "%.2f\\n", start * (1 + rate) ^ years }' > "$CT_OUTPUT_DIR/total"
"""

task = ct.ContainerTask(
    "growth",
    "debian:trixie-slim",
    ["sh", "-euc", SCRIPT, "growth"],
    inputs={"start": float, "rate": ct.Input(float, default=0.05), "years": ct.Input(int, default=10)},
    arguments=["{{.inputs.start}}", "{{.inputs.rate}}", "{{.inputs.years}}"],
    outputs={"total": float},
    display_name="Compound growth",
)

if __name__ == "__main__":
    growth = task.deploy()  # writes the ContainerTaskTemplate
    print(growth.override(timeout={"total": "10m"}).submit(start=100.0, years=20).wait().total)
