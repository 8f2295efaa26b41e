package pipeline_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/dkimwatch/dkimwatch/internal/loggen"
)

// A busy server's log, where nearly all mail is healthy.
func BenchmarkScanExim(b *testing.B)    { benchmarkScan(b, generated(b, loggen.Exim)) }
func BenchmarkScanPostfix(b *testing.B) { benchmarkScan(b, generated(b, loggen.Postfix)) }

// Logs that real servers wrote, with trouble in every message.
func BenchmarkScanEximCapture(b *testing.B) {
	benchmarkScan(b, capture(b, "exim-mixed-20k/mainlog.gz"))
}

func BenchmarkScanPostfixCapture(b *testing.B) {
	benchmarkScan(b, capture(b, "postfix-opendkim-logwhy/mail.log.gz"))
}

// benchmarkScan measures a whole scan of log, as "scan --no-dns" does it.
func benchmarkScan(b *testing.B, log []byte) {
	s := folder(b, "log", string(log))
	s.All = false
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Run(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*bytes.Count(log, []byte("\n"))), "ns/line")
}

func generated(b *testing.B, mta loggen.MTA) []byte {
	b.Helper()
	var log bytes.Buffer
	if _, err := loggen.Generate(&log, loggen.Options{MTA: mta, Size: 8 << 20, Seed: 1}); err != nil {
		b.Fatal(err)
	}
	return log.Bytes()
}

func capture(b *testing.B, name string) []byte {
	b.Helper()
	f, err := os.Open(filepath.Join("../testdata/captures", name))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		b.Fatal(err)
	}
	log, err := io.ReadAll(unpacked)
	if err != nil {
		b.Fatal(err)
	}
	return log
}
