package main

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTheSmallestRecord(t *testing.T) {
	r := record{cause: causeGateAborted, exitCode: 125, finishedMs: 1}
	const want = `{"version":1,"cause":"GateAborted","exitCode":125,"finishedMs":1}` + "\n"
	if got := string(r.encode()); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTheWholeRecord(t *testing.T) {
	r := record{
		cause: causeSignaled, exitCode: 137, signal: 9, stop: stopSignal, killed: true, message: `say "\"`,
		gateOpenedMs: 1, startedMs: 2, finishedMs: 3,
		usage:  usage{figure{0, true}, figure{5, true}, figure{0, true}},
		stdout: &streamReport{7, ""}, stderr: &streamReport{0, "full"},
		outputs: outputsReport{1, "x: no"},
	}
	const want = `{"version":1,"cause":"Signaled","exitCode":137,"signal":9,"stop":"Signal","killed":true,` +
		`"message":"say \"\\\"","gateOpenedMs":1,"startedMs":2,"finishedMs":3,"cpuMilliseconds":0,` +
		`"memoryPeakBytes":5,"oomKills":0,"stdout":{"bytes":7},"stderr":{"bytes":0,"error":"full"},` +
		`"unreadableOutputs":1,"outputsError":"x: no"}` + "\n"
	if got := string(r.encode()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// fullRecord has every field at its longest and the given text wherever a text may be.
func fullRecord(text string) record {
	largest := figure{math.MinInt64, true}
	text = printable(text)
	return record{
		cause: causeCommandNotExecutable, exitCode: 255, signal: 64, stop: stopExecutionTimeout, killed: true,
		message: text, gateOpenedMs: math.MinInt64, startedMs: math.MinInt64, finishedMs: math.MinInt64,
		usage:  usage{largest, largest, largest},
		stdout: &streamReport{math.MinInt64, text}, stderr: &streamReport{math.MinInt64, text},
		outputs: outputsReport{math.MinInt64, text},
	}
}

func FuzzAnyTextFitsTheRecord(f *testing.F) {
	for _, seed := range []string{
		"", `"`, strings.Repeat(`"`, 5000), strings.Repeat(`\`, 5000), strings.Repeat("\x00", 5000), "\xff\xfe",
		strings.Repeat("é", 200), strings.Repeat("漢", 200), strings.Repeat("\U0001F600", 200), "\u2028\u202e\ufffd",
	} {
		f.Add(seed)
	}
	f.Fuzz(expectFit)
}

func TestRandomTextFitsTheRecord(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		text := make([]byte, random.IntN(2000))
		for i := range text {
			text[i] = byte(random.Uint32())
		}
		expectFit(t, string(text))
	}
}

func expectFit(t *testing.T, text string) {
	t.Helper()
	r := fullRecord(text)
	encoded := r.encode()
	var decoded recorded
	if err := json.Unmarshal(encoded, &decoded); err != nil {
		t.Fatalf("%q: %v", encoded, err)
	}
	if len(encoded) > recordMaxBytes || strings.Count(string(encoded), "\n") != 1 || !utf8.Valid(encoded) {
		t.Errorf("%d bytes: %q", len(encoded), encoded)
	}
	if len(decoded.Message) > textMaxBytes || decoded.Message != r.message || decoded.OutputsError != r.message {
		t.Errorf("message %q became %q", r.message, decoded.Message)
	}
}

func TestPrintableKeepsWhatCanBeRead(t *testing.T) {
	for given, want := range map[string]string{
		"plain text":             "plain text",
		"数据/été":                 "数据/été",
		"a\nb\tc\x1b[0m":         "a?b?c?[0m",
		"\xffx\xe6":              "?x?",
		strings.Repeat("é", 151): strings.Repeat("é", 150),
	} {
		if got := printable(given); got != want {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
}
