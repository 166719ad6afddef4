module containertask.dev/tests/probe

go 1.24
