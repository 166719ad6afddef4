package main

import (
	"os"
	"os/signal"
	"syscall"
)

// wait sleeps until it is told to stop and then becomes the program, with environment untouched. It
// lives as long as the task does, beside every task: its memory is its price.
func wait(args []string) int {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, stopSignals...)
	if len(args) < 2 || args[0] != "--" {
		complain("wait takes the program behind --, such as: launcher wait -- /usr/bin/python3 upload.py")
		return exitAborted
	}
	program := args[1:]
	path, err := lookPath(program[0])
	if err == nil {
		_, err = mayExecute(path)
	}
	if err == nil {
		dropCleanPages()
		<-signals
		err = syscall.Exec(path, program, environ())
	}
	refused := startRefusal(program[0], path, err)
	complain(printable(refused.message))
	return refused.exitCode
}
