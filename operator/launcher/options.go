package main

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// options is the command line of run. It is parsed by hand: package flag would double the binary.
type options struct {
	control          string
	main             string
	outputs          string
	executionTimeout time.Duration
	grace            time.Duration
	captureBytes     int64
	command          []string
}

// parseOptions reads "--flag value" and "--flag=value" up to "--", behind which the command starts.
func parseOptions(args []string) (options, error) {
	o := options{grace: 5 * time.Second, captureBytes: captureBytes}
	for len(args) > 0 && args[0] != "--" {
		flag, value, inline := strings.Cut(args[0], "=")
		args = args[1:]
		if !inline {
			if !strings.HasPrefix(flag, "--") || len(args) == 0 || args[0] == "--" {
				return o, errors.New(flag + ": expected --flag value; the command follows a separate --")
			}
			value, args = args[0], args[1:]
		}
		if err := o.set(flag, value); err != nil {
			return o, errors.New(flag + ": " + err.Error())
		}
	}
	if len(args) > 0 {
		o.command = args[1:]
	}
	return o, o.check()
}

func (o *options) set(flag, value string) (err error) {
	switch flag {
	case "--control":
		o.control = value
	case "--main":
		o.main = value
	case "--outputs":
		o.outputs = value
	case "--execution-timeout":
		o.executionTimeout, err = parseDuration(value)
	case "--grace":
		o.grace, err = parseDuration(value)
	case "--capture-bytes":
		o.captureBytes, err = strconv.ParseInt(value, 10, 64)
		if err != nil || o.captureBytes < 1 {
			err = errors.New(strconv.Quote(value) + " is not a number of bytes above 0, such as 67108864")
		}
	default:
		err = errors.New("unknown; known are --control, --main, --outputs, --execution-timeout, --grace, --capture-bytes")
	}
	return err
}

func parseDuration(value string) (time.Duration, error) {
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 {
		return 0, errors.New(strconv.Quote(value) + " is not a duration such as 90s or 1h30m")
	}
	return d, nil
}

func (o *options) check() error {
	switch {
	case o.control == "":
		return errors.New("--control: missing; give the control volume, such as --control /ct/control")
	case o.main == "":
		return errors.New("--main: missing; give the volume main may write, such as --main /ct/main")
	case len(o.command) == 0:
		return errors.New("--: no command; put it behind --, such as -- python train.py")
	}
	return nil
}
