"""The area of an ellipse: the same task as examples/ellipse-area.yaml."""

import containertask as ct

SCRIPT = """\
awk -v a="$1" -v b="$2" 'BEGIN { printf "%.12g\\n", atan2(0, -1) * a * b }' > "$CT_OUTPUT_DIR/area"
echo "[from shell rawcontainer]" > "$CT_OUTPUT_DIR/metadata"
echo "a is $1, b is $2"
"""

task = ct.ContainerTask(
    "ellipse-area",
    "debian:trixie-slim",
    ["sh", "-euc", SCRIPT, "ellipse"],
    inputs={"a": float, "b": float},
    arguments=["{{.inputs.a}}", "{{.inputs.b}}"],
    outputs={"area": float, "metadata": str},
    display_name="Area of an ellipse",
)
inputs = {"a": 3.5, "b": 2.0}

if __name__ == "__main__":
    print(task(**inputs).area)
