// The launcher is PID 1 of the user's container in a task Pod, in any image and under any uid.
//
//	launcher run --control DIR --main DIR [--outputs DIR] [--execution-timeout DUR]
//	             [--grace DUR] [--capture-bytes N] -- command args…
//	launcher wait -- program args…
//
// run waits for the uploader and for the gate, runs the command with arguments and environment
// untouched, keeps its output and its clock, does the duties of PID 1, and says in one exit record
// how it came to its end. wait holds a sidecar's place in little memory until it is told to
// stop and then becomes the program.
//
// The other half of every name and number here is operator/containertask/contract. The launcher
// must never write below the control directory except into the FIFO, never follow a link the command
// may have planted, and never let a failure of its own book-keeping disturb the command.
package main

import "os"

func main() {
	// First of all, so that a waiting sidecar touches no page it does not need.
	if len(os.Args) > 1 && os.Args[1] == "wait" {
		os.Exit(wait(os.Args[2:]))
	}
	os.Exit(launch(os.Args[1:]))
}

// complain writes one line to stderr, where kubectl logs shows it.
func complain(message string) {
	_, _ = os.Stderr.WriteString("launcher: " + message + "\n")
}
