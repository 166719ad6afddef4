// What `go install github.com/peak/s5cmd/v2` would build, where a proxy does not list that module's versions.
module containertask.dev/perf/s5cmd

go 1.21

require github.com/peak/s5cmd/v2 v2.3.0
