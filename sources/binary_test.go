package sources

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"
)

func noise(n int) []byte {
	p := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(p) // never fails
	return p
}

func utf16le(s string) []byte {
	var b bytes.Buffer
	for _, u := range utf16.Encode([]rune(s)) {
		b.Write(binary.LittleEndian.AppendUint16(nil, u))
	}
	return b.Bytes()
}

// utmp is a record as of /var/log/wtmp.
var utmp = append([]byte("\x07\x00\x00\x00\x1c\x0a\x00\x00pts/0"), append(make([]byte, 100), "root\x00\x00192.0.2.1"...)...)

func TestBinary(t *testing.T) {
	line := "2026-03-01 06:25:01 1wAbCd-000000001Xy-2aBc <= user@example.org H=mail.example.org [192.0.2.1]\n"
	hole := strings.Repeat("\x00", 4096)
	tests := map[string]struct {
		data   []byte
		binary bool
		remedy string
	}{
		"log":              {[]byte(strings.Repeat(line, 100)), false, ""},
		"Latin-1":          {[]byte(strings.Repeat(line[:90]+" T=\"Gr\xfc\xdfe aus K\xf6ln\"\n", 100)), false, ""},
		"one short line":   {[]byte("\xf3\xb3\xe6\xbf\n"), false, ""},
		"colours":          {[]byte(strings.Repeat("\x1b[31mred\x1b[0m\n", 100)), false, ""},
		"stray controls":   {[]byte(strings.Repeat(line, 3) + "\x01\x00\x00\x02\x7f\x80\n"), false, ""},
		"hole":             {[]byte(line + hole + line), false, ""},
		"hole at first":    {[]byte(hole + line), false, ""},
		"only a hole":      {make([]byte, 3<<20), false, ""},
		"hole, then text":  {append(make([]byte, 3<<20), line...), false, ""},
		"few NULs":         {make([]byte, 20), false, ""},
		"noise":            {noise(4096), true, ""},
		"short noise":      {noise(100), true, ""},
		"hole, then noise": {append(make([]byte, 3<<20), noise(4096)...), true, ""},
		"wtmp":             {bytes.Repeat(utmp, 20), true, ""},
		"UTF-16":           {utf16le(strings.Repeat(line, 3)), true, ""},
		"UTF-16 with BOM":  {utf16le("\ufeff" + line), true, "iconv"},
		"journal":          {[]byte("LPKSHHRH\x00\x00\x00\x00"), true, "journalctl"},
		"tar":              {append(append([]byte("mail.log"), make([]byte, 249)...), "ustar\x0000"+line...), true, "tar archive"},
		"lz4":              {[]byte("\x04\x22\x4d\x18\x64"), true, "lz4"},
	}
	for name, tt := range tests {
		for pack, data := range map[string][]byte{"": tt.data, " in gzip": compress(t, tt.data, gzipWriter)} {
			t.Run(name+pack, func(t *testing.T) {
				lines, err := openLines(t, write(t, data))
				if errors.Is(err, ErrBinary) != tt.binary || (err != nil) != tt.binary {
					t.Fatalf("error = %v, want binary %v", err, tt.binary)
				}
				if text := bytes.Trim(join(lines), "\x00"); tt.binary && len(text) > 0 {
					t.Errorf("binary gives %q", text)
				}
				if tt.binary && !strings.Contains(err.Error(), tt.remedy) {
					t.Errorf("error = %q, want %q in it", err, tt.remedy)
				}
			})
		}
	}
}
