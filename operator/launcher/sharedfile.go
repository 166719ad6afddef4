package main

import (
	"os"
	"syscall"
)

// createShared makes a file the uploader can read: it has another uid, and the command's umask is
// ours. It opens nothing that exists and follows no link.
func createShared(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o644)
	if err != nil {
		return nil, err
	}
	if err := file.Chmod(0o644); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}
