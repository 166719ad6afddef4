"""A genomics command line: the same task as examples/variants.yaml."""

import containertask as ct

task = ct.ContainerTask(
    "variants",
    "biocontainers/bcftools:v1.9-1-deb_cv1",
    ["sh", "-euc", 'bcftools view -H -i "QUAL>=$1" "$2" | wc -l > "$CT_OUTPUT_DIR/passed"', "variants"],
    inputs={"calls": ct.File, "quality": ct.Input(int, default=30)},
    arguments=["{{.inputs.quality}}", "{{.inputs.calls.path}}"],
    outputs={"passed": int},
    resources={"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}},
    retries=1,
    timeout=3600,
)
inputs = {"calls": ct.File(uri="s3://team-data/calls/sample-1.vcf.gz")}

if __name__ == "__main__":
    print(task.submit(**inputs).outputs.passed)
