package parsers

import "bytes"

// findKey finds the key that text names, or the signing domain alone. Both are
// views into text, as they stand there, and may be any bytes: dkim.KeyName.Check
// says whether they can be asked of DNS. In order of trust:
//
//	zendesk1._domainkey.example.com
//	(s=zendesk1, d=example.com)  d=example.com s=zendesk1  header.d=…  domain=… selector=…
//	signer=example.com  signer=user@example.com
//	DKIM key for example.com
func findKey(text []byte) (domain, selector []byte) {
	if domain, selector = findKeyName(text); domain != nil {
		return domain, selector
	}
	for _, tags := range [...]struct{ domain, selector string }{{"d", "s"}, {"domain", "selector"}} {
		if domain = tagValue(text, tags.domain); bytes.IndexByte(domain, '.') > 0 {
			return domain, tagValue(text, tags.selector)
		}
	}
	if signer := tagValue(text, "signer"); signer != nil {
		if domain = signer[bytes.LastIndexByte(signer, '@')+1:]; bytes.IndexByte(domain, '.') > 0 {
			return domain, nil
		}
	}
	return findNamedDomain(text)
}

// findKeyName finds the name of a key record. Its selector may hold brackets
// and other oddities.
func findKeyName(text []byte) (domain, selector []byte) {
	const middle = "._domainkey."
	for from := 0; from < len(text); {
		at := indexFold(text[from:], middle)
		if at < 0 {
			return nil, nil
		}
		at += from
		from = at + len(middle)
		start := at
		for start > 0 && text[start-1] > ' ' && bytes.IndexByte([]byte(`'"(<>,;=:@\`), text[start-1]) < 0 {
			start--
		}
		if start > 0 && text[start-1] == '\\' && start < at && text[start] == 'n' {
			start++ // "\n" stands before the name, not a selector that begins with "n"
		}
		if text[start] == '[' && bytes.IndexByte(text[start:at], ']') < 0 {
			start++
		}
		end := from
		for end < len(text) && isNameByte(text[end]) {
			end++
		}
		selector, domain = text[start:at:at], bytes.TrimRight(text[from:end:end], ".")
		if len(selector) > 0 && len(domain) > 0 {
			return domain, selector
		}
	}
	return nil, nil
}

// tagValue returns the value of the first tag "name=" in text, nil if there is
// none or it is empty or Exim's "<UNSET>".
func tagValue(text []byte, name string) []byte {
	for from := 0; ; {
		i := indexString(text[from:], name)
		if i < 0 {
			return nil
		}
		at := from + i
		from = at + len(name)
		if from >= len(text) || text[from] != '=' || at > 0 && !startsTag(text, at) {
			continue
		}
		v := text[from+1:]
		if len(v) > 0 && v[0] == '"' {
			v = v[1:]
		}
		end := 0
		for end < len(v) && v[end] > ' ' && v[end] != 0x7f && bytes.IndexByte([]byte(`;,)"'\`), v[end]) < 0 {
			end++
		}
		if v = v[:end:end]; len(v) == 0 || string(v) == "<UNSET>" {
			return nil
		}
		return v
	}
}

// startsTag reports whether the tag at text[at:] stands where a tag begins:
// after a blank, an opening bracket, a separator or a line break.
func startsTag(text []byte, at int) bool {
	c := text[at-1]
	return c <= ' ' || bytes.IndexByte([]byte(`(,;.[<'"`), c) >= 0 || c == 'n' && at > 1 && text[at-2] == '\\'
}

// findNamedDomain finds a domain that follows one of a few set phrases.
func findNamedDomain(text []byte) (domain, selector []byte) {
	for _, phrase := range [...]string{
		"key for domain ", "key for ", "key of ", "key from ", "record for ",
		"signature of ", "signature for ", "signature from ", "signature by ", "fail (b'", "domain: ",
		"fail for ", "failed for ", "failure for ", "invalid for ", "error for ", "unavailable for ", "domain ",
	} {
		i := indexFold(text, phrase)
		if i < 0 {
			continue
		}
		rest := text[i+len(phrase):]
		if domain = leadingHost(rest); domain == nil {
			continue
		}
		return domain, namedSelector(text)
	}
	return nil, nil
}

// namedSelector finds the word after "selector" in a text that names a domain:
//
//	Domain: example.com Selector: s1 Error message: …                (dkimpy)
//	DKIM fail for golf-tiny.example selector s512: pubkey_too_short   (an Exim ACL)
func namedSelector(text []byte) []byte {
	const word = "selector"
	i := indexFold(text, word)
	if i < 0 {
		return nil
	}
	rest := bytes.TrimLeft(text[i+len(word):], " :='\"")
	end := 0
	for end < len(rest) && rest[end] > ' ' && bytes.IndexByte([]byte(`,;:)"'\`), rest[end]) < 0 {
		end++
	}
	return bytes.TrimRight(rest[:end:end], ".")
}

// findBracketed finds the first "[example.com]" in text: so Gmail, Yahoo and
// Microsoft name the sender's domain.
func findBracketed(text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '[')
		if i < 0 {
			return nil
		}
		text = text[i+1:]
		if host := leadingHost(text); host != nil && len(host) < len(text) && text[len(host)] == ']' {
			return host
		}
	}
}

// leadingHost returns the host name at the beginning of text, nil if there is
// none.
func leadingHost(text []byte) []byte {
	end := 0
	for end < len(text) && isNameByte(text[end]) {
		end++
	}
	if host := bytes.TrimRight(text[:end:end], "."); isHost(host) {
		return host
	}
	return nil
}

// isNameByte reports whether c may stand in a domain, as logs show it: raw
// UTF-8 is let through.
func isNameByte(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '-' || c == '_' || c == '.' || c >= 0x80
}
