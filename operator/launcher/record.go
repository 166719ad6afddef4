package main

import (
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// record is the exit record: ExitRecord of contract/exitrecord.py. A zero value means "not said", except for
// exitCode and finishedMs, which always are.
type record struct {
	cause        string
	exitCode     int
	signal       int
	stop         string
	killed       bool
	message      string
	gateOpenedMs int64
	startedMs    int64
	finishedMs   int64
	usage        usage
	stdout       *streamReport
	stderr       *streamReport
	outputs      outputsReport
}

// encode writes one line of JSON. It stays below recordMaxBytes because it has four texts, each cut
// by printable; encoding/json would be a third of the binary.
func (r *record) encode() []byte {
	e := encoder{bytes: make([]byte, 0, recordMaxBytes)}
	e.open('{')
	e.number("version", 1)
	e.text("cause", r.cause)
	e.number("exitCode", int64(r.exitCode))
	e.numberUnlessZero("signal", int64(r.signal))
	e.textUnlessEmpty("stop", r.stop)
	if r.killed {
		e.key("killed")
		e.raw("true")
	}
	e.textUnlessEmpty("message", r.message)
	e.numberUnlessZero("gateOpenedMs", r.gateOpenedMs)
	e.numberUnlessZero("startedMs", r.startedMs)
	e.number("finishedMs", r.finishedMs)
	e.figure("cpuMilliseconds", r.usage.cpuMilliseconds)
	e.figure("memoryPeakBytes", r.usage.memoryPeakBytes)
	e.figure("oomKills", r.usage.oomKills)
	e.stream("stdout", r.stdout)
	e.stream("stderr", r.stderr)
	e.numberUnlessZero("unreadableOutputs", r.outputs.unreadable)
	e.textUnlessEmpty("outputsError", r.outputs.err)
	e.raw("}\n")
	return e.bytes
}

// encoder appends JSON; its texts must be printable already.
type encoder struct {
	bytes []byte
	first bool
}

func (e *encoder) raw(s string) { e.bytes = append(e.bytes, s...) }

func (e *encoder) open(brace byte) {
	e.bytes = append(e.bytes, brace)
	e.first = true
}

func (e *encoder) key(name string) {
	if !e.first {
		e.raw(",")
	}
	e.first = false
	e.raw(`"` + name + `":`)
}

func (e *encoder) number(name string, n int64) {
	e.key(name)
	e.bytes = strconv.AppendInt(e.bytes, n, 10)
}

func (e *encoder) numberUnlessZero(name string, n int64) {
	if n != 0 {
		e.number(name, n)
	}
}

func (e *encoder) figure(name string, f figure) {
	if f.known {
		e.number(name, f.value)
	}
}

func (e *encoder) text(name, s string) {
	e.key(name)
	e.raw(`"`)
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			e.raw(`\`)
		}
		e.bytes = append(e.bytes, s[i])
	}
	e.raw(`"`)
}

func (e *encoder) textUnlessEmpty(name, s string) {
	if s != "" {
		e.text(name, s)
	}
}

func (e *encoder) stream(name string, s *streamReport) {
	if s == nil {
		return
	}
	e.key(name)
	e.open('{')
	e.number("bytes", s.bytes)
	e.textUnlessEmpty("error", s.err)
	e.raw("}")
}

// writeRecordFile renames the record into place. The command may have written here, so the name the
// record is written under is new and nothing is followed.
func writeRecordFile(dir string, encoded []byte) error {
	unfinished := filepath.Join(dir, "."+recordFile+"."+strconv.FormatInt(time.Now().UnixNano(), 36))
	file, err := createShared(unfinished)
	if err != nil {
		return err
	}
	_, err = file.Write(encoded)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(unfinished, filepath.Join(dir, recordFile))
	}
	if err != nil {
		_ = os.Remove(unfinished)
	}
	return err
}
