package parsers

import "bytes"

// triggers are the beginnings of everything that a text must hold before it can
// be about DKIM, by their first letter. They are lower case.
var triggers = [256]phrases{
	'b': {"body hash", "bodyhash"},
	'c': {"cxsndr"},
	'd': {"dkim", "dmarc", "domainkey"},
	'k': {"key server"},
	'p': {"pubkey", "public key"},
	's': {"signature", "signer", "signed"},
	'a': {"authenticat"},
	'7': {"7.20", "7.21", "7.22", "7.26", "7.30", "7.32", "7.509", "7.515"},
}

// triggered reports in one pass whether text may be about DKIM.
func triggered(text []byte) bool {
	for i, c := range text {
		list := triggers[c|0x20] // lower case; digits stay as they are
		for _, p := range list {
			if hasPrefixFold(text[i:], p) {
				return true
			}
		}
	}
	return false
}

// mentioned is how a reply speaks of DKIM.
type mentioned uint8

const (
	mentionNone   mentioned = iota
	mentionAdvice           // "set up DKIM": what to do in general
	mentionBlame            // anything else
)

// advice makes a sentence one of advice.
var advice = phrases{
	"set up ", "setting up ", "setup ", "configuring ", "enabling ", "implement", "how to ", "learn ", "we recommend",
	"recommended ", "for more information", "guideline", "best practice", "support for ", "visit ", "refer to ",
}

// mention says how folded speaks of DKIM. Only the name itself counts: "dkim",
// "domainkeys", "_domainkey".
func mention(folded []byte) mentioned {
	found := mentionNone
	for from := 0; from < len(folded); {
		i := nextMention(folded[from:])
		if i < 0 {
			break
		}
		at := from + i
		from = at + len("dkim")
		if passes(folded[from:]) {
			continue
		}
		if !advises(clause(folded, at)) {
			return mentionBlame
		}
		found = mentionAdvice
	}
	return found
}

// nextMention is the index of the next "dkim" or "domainkey", -1 if there is
// none.
func nextMention(b []byte) int {
	i, j := indexString(b, "dkim"), indexString(b, "domainkey")
	if i < 0 || j >= 0 && j < i {
		return j
	}
	return i
}

// passes reports whether what follows "dkim" says that nothing is wrong with
// it: "dkim=pass", "dkim = pass".
func passes(after []byte) bool {
	after = bytes.TrimLeft(after, " ")
	after, ok := bytes.CutPrefix(after, []byte("="))
	return ok && bytes.HasPrefix(bytes.TrimLeft(after, " "), []byte("pass"))
}

// clause returns the sentence of folded that the byte at stands in.
func clause(folded []byte, at int) []byte {
	start, end := at, at
	for start > 0 && !endsClause(folded, start-2) {
		start--
	}
	for end < len(folded) && !endsClause(folded, end) {
		end++
	}
	return folded[start:end]
}

// endsClause reports whether a stop and a blank stand at folded[i:].
func endsClause(folded []byte, i int) bool {
	if i < 0 || i+1 >= len(folded) || folded[i+1] != ' ' {
		return false
	}
	switch folded[i] {
	case '.', '!', '?', ';':
		return true
	}
	return false
}

func advises(clause []byte) bool {
	for _, p := range advice {
		if indexString(clause, p) >= 0 {
			return true
		}
	}
	return false
}
