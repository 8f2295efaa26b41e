package dkim

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
)

// readKey decodes p, which has no white space, by r.Type.
func (r *KeyRecord) readKey(p string) error {
	data, err := base64.StdEncoding.DecodeString(p)
	if err != nil {
		return explainBase64(p)
	}
	r.Data = data
	if isPrivateDER(data) {
		return ErrPrivateKey
	}
	if r.Type == "ed25519" {
		return r.readEd25519()
	}
	return r.readRSA()
}

// readEd25519 takes the 32 bytes of RFC 8463 §4.
func (r *KeyRecord) readEd25519() error {
	if len(r.Data) == ed25519.PublicKeySize {
		r.Key, r.Bits = ed25519.PublicKey(r.Data), 256
		return nil
	}
	if key, err := x509.ParsePKIXPublicKey(r.Data); err == nil {
		if _, ok := key.(ed25519.PublicKey); ok {
			return fmt.Errorf("%w: the Ed25519 key stands in ASN.1; only its last 32 bytes belong there", ErrKeyData)
		}
		return fmt.Errorf("%w: k=ed25519, but the key is of another type", ErrKeyData)
	}
	return fmt.Errorf("%w: an Ed25519 key has 32 bytes, this has %d", ErrKeyData, len(r.Data))
}

// readRSA takes a SubjectPublicKeyInfo, which all signers write, or the bare
// RSAPublicKey that the text of RFC 6376 §3.6.1 asks for (see erratum 3017).
func (r *KeyRecord) readRSA() error {
	key, err := x509.ParsePKIXPublicKey(r.Data)
	if err != nil {
		if key, err = x509.ParsePKCS1PublicKey(r.Data); err != nil {
			return explainDER(r.Data)
		}
		r.PKCS1 = true
	}
	pub, ok := key.(*rsa.PublicKey)
	if !ok {
		return fmt.Errorf("%w: k=rsa, but the key is of another type", ErrKeyData)
	}
	r.Key, r.Bits = pub, pub.N.BitLen()
	if r.Bits < minRSABits {
		return fmt.Errorf("%w: this one has %d", ErrKeyWeak, r.Bits)
	}
	return nil
}

// explainBase64 says what is wrong with p, which is not base64.
func explainBase64(p string) error {
	if strings.Contains(p, "PRIVATEKEY") {
		return ErrPrivateKey
	}
	if strings.Contains(p, "-----") {
		return fmt.Errorf("%w: it contains the BEGIN and END lines of a PEM file, which do not belong there", ErrKeyData)
	}
	bad := strings.IndexFunc(p, func(c rune) bool {
		return (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '+' && c != '/' && c != '='
	})
	if bad >= 0 {
		return fmt.Errorf("%w: it is not base64 at %s, byte %d", ErrKeyData, excerpt(p[bad:min(bad+4, len(p))]), bad+1)
	}
	whole := strings.TrimRight(p, "=")
	data, err := base64.RawStdEncoding.DecodeString(whole[:len(whole)/4*4])
	if err != nil {
		return fmt.Errorf("%w: it is not base64, \"=\" stands inside", ErrKeyData)
	}
	if isPrivateDER(data) {
		return ErrPrivateKey
	}
	if missing, total := missingDER(data); missing > 0 {
		return fmt.Errorf("%w: it is cut, %d of %d bytes are missing", ErrKeyData, missing, total)
	}
	return fmt.Errorf("%w: it is not base64, its length is wrong", ErrKeyData)
}

// explainDER says what is wrong with data, which is no RSA key.
func explainDER(data []byte) error {
	if missing, total := missingDER(data); missing > 0 {
		return fmt.Errorf("%w: it is cut, %d of %d bytes are missing", ErrKeyData, missing, total)
	}
	if len(data) == ed25519.PublicKeySize {
		return fmt.Errorf("%w: it has the 32 bytes of an Ed25519 key, but k=ed25519 is missing", ErrKeyData)
	}
	return fmt.Errorf("%w: its %d bytes are no RSA key", ErrKeyData, len(data))
}

// derHeader returns the length of the header of the ASN.1 SEQUENCE that data
// begins with, and the length of the whole as the header says it; zero if data
// begins with something else, or is longer than any key.
func derHeader(data []byte) (header, total int) {
	if len(data) < 2 || data[0] != 0x30 {
		return 0, 0
	}
	switch n := data[1]; {
	case n < 0x80:
		return 2, 2 + int(n)
	case n == 0x81 && len(data) >= 3:
		return 3, 3 + int(data[2])
	case n == 0x82 && len(data) >= 4:
		return 4, 4 + int(data[2])<<8 + int(data[3])
	}
	return 0, 0
}

// missingDER tells how many bytes data lacks of its own total.
func missingDER(data []byte) (missing, total int) {
	_, total = derHeader(data)
	return total - len(data), total
}

// isPrivateDER reports whether data begins as a private key does, in PKCS#1 or
// PKCS#8: a SEQUENCE whose first element is a version number of one byte. A
// public key begins with a SEQUENCE or its modulus. A cut key is recognised too.
func isPrivateDER(data []byte) bool {
	header, total := derHeader(data)
	return header > 0 && total > 32 && len(data) > header+2 &&
		data[header] == 0x02 && data[header+1] == 0x01 && data[header+2] <= 1
}
