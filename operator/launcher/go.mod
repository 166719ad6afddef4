module containertask.dev/launcher

go 1.24
