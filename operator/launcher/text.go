package main

import (
	"strconv"
	"unicode/utf8"
)

// textMaxBytes bounds each text of the record, so that all of them fit.
const textMaxBytes = 300

// printable makes s fit for logs, JSON and terminals: valid UTF-8 without control characters, one
// question mark for each byte or rune it had to replace, cut at textMaxBytes. What it is given holds
// names and bytes the user chose.
func printable(s string) string {
	var out []byte
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError || !strconv.IsPrint(r) {
			r = '?'
		}
		if len(out)+utf8.RuneLen(r) > textMaxBytes {
			break
		}
		out = utf8.AppendRune(out, r)
		s = s[size:]
	}
	return string(out)
}
