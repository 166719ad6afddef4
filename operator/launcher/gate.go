package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"syscall"
)

// awaitGate waits until the gate decides. Only the exact word opens it.
func awaitGate(w *watch, path string) *refusal {
	return w.until(func() (bool, *refusal) {
		said, err := readGate(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return false, nil
		case err != nil:
			return false, &refusal{causeGateAborted, exitAborted, err.Error()}
		case said == gateOpen:
			return true, nil
		case said == gateAbort:
			return false, &refusal{causeGateAborted, exitAborted, ""}
		case said != "":
			message := "the gate says " + strconv.Quote(said) + ", neither open nor abort"
			return false, &refusal{causeGateAborted, exitAborted, message}
		}
		return false, nil
	})
}

// readGate reads no more of the gate than is needed to tell its words from anything else.
func readGate(path string) (string, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", err
	}
	defer file.Close()
	buffer := make([]byte, 64)
	n, err := file.Read(buffer)
	if n == 0 && errors.Is(err, io.EOF) {
		return "", nil
	}
	return string(buffer[:n]), err
}
