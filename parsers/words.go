package parsers

import "github.com/dkimwatch/dkimwatch/dkim"

// Meaning is what some words amount to.
type Meaning struct {
	Cause            dkim.Cause
	Result           dkim.Result
	DKIM             bool   // the words name DKIM or a DKIM key
	Domain, Selector []byte // the key they name, as views into the words; empty if none
}
