package dkim

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Keys made for tests; their private halves are gone.
const (
	rsa512   = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAPSOhPinisU/fl5Xj1LEzLFfLy6HUqfWOAWbrY3jwEe/a8CoC8IZn+HRATkMXmm+0Q89nNrYXVeowGf58kGXiKkCAwEAAQ=="
	rsa1024  = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCy37cmArPgeqwEdxm6BXqA1gS2O6hAjEk2uoRwxexW22W+gXp+RKrwGs5cCUvt6kcqfRGGLO1KC4FdbOvkOEurMgHZ0/vhTBd7UyaQ8maha7EMKF/CT0bw44qbhR484DSqXvqSyt3tysdVhaozOwRCm7n8tS0LgAs1amGBFKCcQQIDAQAB"
	pkcs1024 = "MIGJAoGBALLftyYCs+B6rAR3GboFeoDWBLY7qECMSTa6hHDF7FbbZb6Ben5EqvAazlwJS+3qRyp9EYYs7UoLgV1s6+Q4S6syAdnT++FMF3tTJpDyZqFrsQwoX8JPRvDjipuFHjzgNKpe+pLK3e3Kx1WFqjM7BEKbufy1LQuACzVqYYEUoJxBAgMBAAE="
	rsa2048  = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAkmDRauZ/IwcD3IHJ7Bq76AYn7nJG0oye6lTi3x/3MOryfHi5pALdIdXwEoDRUHz26lkHV6NIuUkbz144xVXwATyAY8x0ylNKD8wEWrNaGW02z/fxIBNdM/WInEsiXffgSAqAelIXxU+WVgLRwxxzuGnJtSDme3kr1mAU4D1mfF3yVzfmcUe0QVvWWUMs6kOFmbIpBZ+tB5fVmW87ElIOs4OPS3UG12u+HlsMuUWK5o6FC4wQTCz5c/iUIbTDMN8+Lmk2Zr2/+v13L/vKmgwvdJQd/95ASQegzez9WfXn/jXLrdqsKKARYjDK5yDpbL38KBMFnkDnVKPQL3tdAKJvIwIDAQAB"
	ed       = "hUjwiDqTRWFfbhHZGMMz5LpO+lnEs5CA8q6LGyt1lic="
	edSPKI   = "MCowBQYDK2VwAyEAhUjwiDqTRWFfbhHZGMMz5LpO+lnEs5CA8q6LGyt1lic="
)

func TestParseKeyRecord(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		txt  string
		want KeyRecord
	}{
		"usual": {
			"v=DKIM1; k=rsa; p=" + rsa2048,
			KeyRecord{Version: "DKIM1", Type: "rsa", Bits: 2048},
		},
		"p= alone": {
			"p=" + rsa1024,
			KeyRecord{Type: "rsa", Bits: 1024},
		},
		"every tag": {
			"v=DKIM1; h=sha1:sha256; k=rsa; n=a=20note; s=email:tlsrpt; t=y:s; p=" + rsa2048 + ";",
			KeyRecord{
				Version: "DKIM1", Type: "rsa", Bits: 2048, Notes: "a=20note",
				Hashes: []string{"sha1", "sha256"}, Services: []string{"email", "tlsrpt"}, Flags: []string{"y", "s"},
			},
		},
		"white space everywhere": {
			" v = DKIM1 ;\r\n\tk = rsa ; h = sha256 : sha1 ; p = " + rsa1024[:20] + " \t\r\n " + rsa1024[20:] + " ; ",
			KeyRecord{Version: "DKIM1", Type: "rsa", Bits: 1024, Hashes: []string{"sha256", "sha1"}},
		},
		"v= not first":      {"k=rsa; v=DKIM1; p=" + rsa1024, KeyRecord{Version: "DKIM1", Type: "rsa", Bits: 1024}},
		"empty element":     {"v=DKIM1;; p=" + rsa1024, KeyRecord{Version: "DKIM1", Type: "rsa", Bits: 1024}},
		"unknown tags":      {"v=DKIM1; g=*; x_1=y; p=" + rsa1024, KeyRecord{Version: "DKIM1", Type: "rsa", Bits: 1024}},
		"type in capitals":  {"v=DKIM1; k=RSA; p=" + rsa1024, KeyRecord{Version: "DKIM1", Type: "rsa", Bits: 1024}},
		"any service":       {"v=DKIM1; s=*; p=" + rsa1024, KeyRecord{Version: "DKIM1", Type: "rsa", Bits: 1024, Services: []string{"*"}}},
		"bare RSAPublicKey": {"v=DKIM1; p=" + pkcs1024, KeyRecord{Version: "DKIM1", Type: "rsa", Bits: 1024, PKCS1: true}},
		"ed25519":           {"v=DKIM1; k=ed25519; p=" + ed, KeyRecord{Version: "DKIM1", Type: "ed25519", Bits: 256}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseKeyRecord(tt.txt)
			if err != nil {
				t.Fatalf("ParseKeyRecord(%q) = %v", tt.txt, err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(KeyRecord{}, "Key", "Data")); diff != "" {
				t.Errorf("ParseKeyRecord(%q) (-want +got):\n%s", tt.txt, diff)
			}
			switch key := got.Key.(type) {
			case *rsa.PublicKey:
				if got.Type != "rsa" || key.N.BitLen() != got.Bits {
					t.Errorf("key of %d bits, want %d", key.N.BitLen(), got.Bits)
				}
			case ed25519.PublicKey:
				if got.Type != "ed25519" || !key.Equal(ed25519.PublicKey(got.Data)) {
					t.Errorf("key %x of a record with k=%s", key, got.Type)
				}
			default:
				t.Errorf("key is a %T", key)
			}
		})
	}
}

func TestParseKeyRecordRefuses(t *testing.T) {
	t.Parallel()
	pkcs1, pkcs8 := privateKeys(t)
	tests := map[string]struct {
		txt  string
		want error
		text string // part of the error's text
	}{
		"empty":             {"", ErrRecordSyntax, "no p= tag"},
		"other text":        {"v=spf1 -all", ErrRecordSyntax, "v="},
		"prose":             {"selector1-example-com._domainkey.example.net", ErrRecordSyntax, "not tag=value"},
		"other version":     {"v=DKIM2; p=" + rsa1024, ErrRecordSyntax, `"DKIM2"`},
		"version in small":  {"v=dkim1; p=" + rsa1024, ErrRecordSyntax, `"dkim1"`},
		"no key":            {"v=DKIM1; k=rsa", ErrRecordSyntax, "no p= tag"},
		"tag twice":         {"v=DKIM1; p=" + rsa1024 + "; p=" + rsa2048, ErrRecordSyntax, "twice"},
		"no semicolon":      {"v=DKIM1; k=rsa p=" + rsa1024, ErrRecordSyntax, "no p= tag"},
		"escaped":           {`v=DKIM1\; k=rsa\; p=` + rsa1024, ErrRecordSyntax, `\;`},
		"quoted":            {`"v=DKIM1; k=rsa; p=` + rsa1024 + `"`, ErrRecordSyntax, "quotation marks"},
		"revoked":           {"v=DKIM1; p=", ErrKeyRevoked, "p= is empty"},
		"revoked, spaced":   {"v=DKIM1; k=rsa; p= \t; ", ErrKeyRevoked, "p= is empty"},
		"unknown type":      {"v=DKIM1; k=dsa; p=" + rsa1024, ErrKeyUnusable, `"dsa"`},
		"sha1 only":         {"v=DKIM1; h=sha1; p=" + rsa1024, ErrKeyUnusable, "sha256"},
		"not for mail":      {"v=DKIM1; s=tlsrpt; p=" + rsa1024, ErrKeyUnusable, "email"},
		"star in base64":    {"v=DKIM1; p=MIGf*MA0G", ErrKeyData, "byte 5"},
		"inner equals sign": {"v=DKIM1; p=MI=fMA0G", ErrKeyData, "not base64"},
		"quotes in key":     {`v=DKIM1; p=` + rsa1024[:100] + `" "` + rsa1024[100:], ErrKeyData, "byte 101"},
		"smart quotes":      {"v=DKIM1; p=“" + rsa1024 + "”", ErrKeyData, `\u201c`},
		"PEM armour":        {"v=DKIM1; p=-----BEGIN PUBLIC KEY-----" + rsa1024 + "-----END PUBLIC KEY-----", ErrKeyData, "PEM"},
		"cut at 255":        {("v=DKIM1; k=rsa; p=" + rsa2048)[:255], ErrKeyData, "of 294 bytes are missing"},
		"cut at 256":        {("v=DKIM1; k=rsa; p=" + rsa2048)[:258], ErrKeyData, "114 of 294 bytes are missing"},
		"no key inside":     {"v=DKIM1; p=" + strings.Repeat("A", 216), ErrKeyData, "no RSA key"},
		"ed25519 unnamed":   {"v=DKIM1; p=" + ed, ErrKeyData, "k=ed25519 is missing"},
		"ed25519 as rsa":    {"v=DKIM1; k=rsa; p=" + edSPKI, ErrKeyData, "another type"},
		"ed25519 in ASN.1":  {"v=DKIM1; k=ed25519; p=" + edSPKI, ErrKeyData, "ASN.1"},
		"rsa as ed25519":    {"v=DKIM1; k=ed25519; p=" + rsa1024, ErrKeyData, "another type"},
		"short ed25519":     {"v=DKIM1; k=ed25519; p=AAAA", ErrKeyData, "this has 3"},
		"private PKCS#1":    {"v=DKIM1; p=" + pkcs1, ErrPrivateKey, "replaced"},
		"private PKCS#8":    {"v=DKIM1; p=" + pkcs8, ErrPrivateKey, "replaced"},
		"private and cut":   {("v=DKIM1; k=rsa; p=" + pkcs8)[:255], ErrPrivateKey, "replaced"},
		"private PEM":       {"v=DKIM1; p=-----BEGIN PRIVATE KEY-----" + pkcs8, ErrPrivateKey, "replaced"},
		"weak":              {"v=DKIM1; p=" + rsa512, ErrKeyWeak, "512"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseKeyRecord(tt.txt)
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("ParseKeyRecord(%q) = %v, want %q with %q", tt.txt, err, tt.want, tt.text)
			}
		})
	}
}

func TestWeakKeyRecordIsRead(t *testing.T) {
	t.Parallel()
	rec, err := ParseKeyRecord("v=DKIM1; t=y; p=" + rsa512)
	if !errors.Is(err, ErrKeyWeak) || rec.Bits != 512 || rec.Key == nil {
		t.Errorf("ParseKeyRecord = %d bits, %v, want 512 and ErrKeyWeak", rec.Bits, err)
	}
}

// privateKeys makes private keys as people publish them by mistake.
func privateKeys(t *testing.T) (pkcs1, pkcs8 string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.StdEncoding.EncodeToString
	return b64(x509.MarshalPKCS1PrivateKey(key)), b64(der)
}

func TestLooksLikeKey(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"v=DKIM1; p=":                     true,
		"v=dkim1; k=rsa":                  true,
		`"v=DKIM1; p=AAAA"`:               true,
		"k=rsa; p=AAAA":                   true,
		"v=spf1 include:example.net ~all": false,
		"v=DMARC1; p=none":                false,
		"v=BIMI1; l=; a=":                 false,
		"some-verification=abc; x=y":      false,
		"":                                false,
	}
	for txt, want := range tests {
		if got := looksLikeKey(txt); got != want {
			t.Errorf("looksLikeKey(%q) = %v, want %v", txt, got, want)
		}
	}
}

func FuzzParseKeyRecord(f *testing.F) {
	for _, seed := range []string{
		"", ";", "=", "p", "p=", "v=DKIM1; p=", "v=spf1 -all", "v=DMARC1; p=none",
		"v=DKIM1; k=rsa; p=" + rsa2048, "v=DKIM1; k=rsa; h=sha256:sha1; s=email; t=y:s; n=note; p=" + rsa1024,
		"v=DKIM1; p=" + rsa512, "v=DKIM1; p=" + pkcs1024, "k=ed25519; p=" + ed, "k=ed25519; p=" + edSPKI,
		("v=DKIM1; k=rsa; p=" + rsa2048)[:255], `v=DKIM1\; p=AAAA`, `"v=DKIM1; p=AAAA" "BBBB"`,
		"v=DKIM1; p=-----BEGIN PUBLIC KEY-----", "v=DKIM1; p=“AAAA”", "p=MIIEAgEA", "p=MAMCAQA=", "v=DKIM1; \x00=\xff",
	} {
		f.Add(seed)
	}
	reasons := []error{ErrRecordSyntax, ErrKeyRevoked, ErrKeyUnusable, ErrKeyData, ErrPrivateKey, ErrKeyWeak}
	f.Fuzz(func(t *testing.T, txt string) {
		rec, err := ParseKeyRecord(txt)
		again, errAgain := ParseKeyRecord(txt)
		if (err == nil) != (errAgain == nil) || !cmp.Equal(rec.Data, again.Data) || rec.Bits != again.Bits {
			t.Fatal("the second parse differs")
		}
		padded, errPadded := ParseKeyRecord(" \t" + txt + " ;\r\n")
		if (err == nil) != (errPadded == nil) || rec.Bits != padded.Bits {
			t.Fatalf("white space around it changes %v into %v", err, errPadded)
		}
		if err == nil {
			if rec.Key == nil || !looksLikeKey(txt) {
				t.Fatal("usable without a key")
			}
			if rec.Type == "rsa" && rec.Bits < 1024 || rec.Type == "ed25519" && len(rec.Data) != 32 {
				t.Fatalf("usable %s key of %d bits", rec.Type, rec.Bits)
			}
			return
		}
		known := 0
		for _, reason := range reasons {
			if errors.Is(err, reason) {
				known++
			}
		}
		if known != 1 {
			t.Fatalf("%v wraps %d reasons, want 1", err, known)
		}
		for _, c := range []byte(err.Error()) {
			if c < ' ' || c > '~' {
				t.Fatalf("%q is not printable ASCII", err)
			}
		}
		if len(err.Error()) > 1000 {
			t.Fatalf("the error has %d bytes", len(err.Error()))
		}
		if errors.Is(err, ErrKeyWeak) && (rec.Key == nil || rec.Bits >= 1024) {
			t.Fatalf("weak with %d bits", rec.Bits)
		}
	})
}
