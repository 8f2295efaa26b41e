package sources

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Each pair is what reading an archive's lines costs, and what decompressing
// it costs alone.

func benchPacked(b *testing.B, with makeWriter) []byte {
	b.Helper()
	log := bytes.Repeat(benchLog, 16)
	for i, c := range noise(len(log) / 8) { // or it would compress to nothing
		if log[i*8] != '\n' {
			log[i*8] = 'a' + c%26
		}
	}
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	return compress(b, log, with)
}

func benchLines(b *testing.B, data []byte) {
	for b.Loop() {
		f, err := OpenStream("bench", bytes.NewReader(data))
		if err != nil {
			b.Fatal(err)
		}
		r := NewReader(f, Limits{})
		for err == nil {
			_, err = r.Next()
		}
		if !errors.Is(err, io.EOF) {
			b.Fatal(err)
		}
		r.Close()
	}
}

func BenchmarkGzipLines(b *testing.B) { benchLines(b, benchPacked(b, gzipWriter)) }

func BenchmarkGzipAlone(b *testing.B) {
	data := benchPacked(b, gzipWriter)
	for b.Loop() {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, z); err != nil {
			b.Fatal(err)
		}
	}
}

func zstdDefault(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }

func BenchmarkZstdLines(b *testing.B) { benchLines(b, benchPacked(b, zstdDefault)) }

func BenchmarkZstdAlone(b *testing.B) {
	data := benchPacked(b, zstdDefault)
	for b.Loop() {
		z, err := zstd.NewReader(bytes.NewReader(data), zstd.WithDecoderConcurrency(1))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, z); err != nil {
			b.Fatal(err)
		}
		z.Close()
	}
}
