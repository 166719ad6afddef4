package main

// What operator/containertask/contract says, name by name; tests/component holds the two against each other.
const (
	exitFIFO   = "exit"
	gateFile   = "gate"
	gateOpen   = "open\n"
	gateAbort  = "abort\n"
	recordFile = "exit.json"

	stdoutStem   = "stdout"
	stderrStem   = "stderr"
	captureBytes = 64 << 20

	recordMaxBytes = 4096

	exitAborted       = 125
	exitNotExecutable = 126
	exitNotFound      = 127
	exitSignalBase    = 128

	causeExited               = "Exited"
	causeSignaled             = "Signaled"
	causeCommandNotFound      = "CommandNotFound"
	causeCommandNotExecutable = "CommandNotExecutable"
	causeStartFailed          = "StartFailed"
	causeGateAborted          = "GateAborted"
	causeStoppedAtGate        = "StoppedAtGate"

	stopExecutionTimeout = "ExecutionTimeout"
	stopSignal           = "Signal"
)

// refusal says why the command was not run, and ends the launcher; nil lets it go on.
type refusal struct {
	cause    string
	exitCode int
	message  string
}
