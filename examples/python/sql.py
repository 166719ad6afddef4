"""SQL: the same task as examples/sql.yaml. The table is small, so it goes with the task itself."""

import tempfile
from pathlib import Path

import containertask as ct

task = ct.ContainerTask(
    "sql",
    "keinos/sqlite3:3.49.1",
    ["sh", "-euc", 'sqlite3 -header -csv :memory: ".import $1 sales" "$2"', "sql"],
    inputs={"sales": ct.File, "query": str},
    arguments=["{{.inputs.sales.path}}", "{{.inputs.query}}"],
    outputs={"table": ct.Output(str, source="Stdout")},
)
sales = Path(tempfile.mkdtemp()) / "sales.csv"
sales.write_text("region,amount\nnorth,3\nsouth,5\nnorth,4\n")
inputs = {
    "sales": ct.File(sales),
    "query": "SELECT region, sum(amount) FROM sales GROUP BY region ORDER BY region",
}

if __name__ == "__main__":
    print(task.submit(**inputs).outputs.table)
