package sources

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// maxWindow is how much memory the window of one compressed file may take. It
// is what the zstd tool allows, and twice what xz -9 needs.
const maxWindow = 128 << 20

// magicLen is how many bytes are enough to tell every format.
const magicLen = lzma.HeaderLen

// compression is one format: how its first bytes look, and what reads it.
type compression struct {
	magic func(head []byte) bool
	open  func(r *bufio.Reader) (text io.Reader, closeText func(), err error)
}

// compressions are the formats that are read. No log begins like any of them.
var compressions = [...]compression{
	{isGzip, openGzip},
	{isZstd, openZstd},
	{isXz, openXz},
	{isBzip2, openBzip2},
	{isLzma, openLzma},
}

// isGzip as RFC 1952 §2.3.1.
func isGzip(head []byte) bool { return bytes.HasPrefix(head, []byte("\x1f\x8b\x08")) }

func openGzip(r *bufio.Reader) (io.Reader, func(), error) {
	z, err := gzip.NewReader(r) // holds nothing that Close would release
	return z, nil, err
}

// isZstd as RFC 8878 §3.1.1, and §3.1.2 for the skippable frame that files of
// pzstd begin with.
func isZstd(head []byte) bool {
	return bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")) ||
		len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.HasPrefix(head[1:], []byte("\x2a\x4d\x18"))
}

func openZstd(r *bufio.Reader) (io.Reader, func(), error) {
	z, err := zstd.NewReader(r,
		zstd.WithDecoderConcurrency(1), // decodes in Read, starts no goroutine
		zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, nil, err
	}
	return z, z.Close, nil
}

// isXz as §2.1.1.1 of the .xz file format.
func isXz(head []byte) bool { return bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")) }

func openXz(r *bufio.Reader) (io.Reader, func(), error) {
	// DictCap is the least that is allocated; the guard sees to the most.
	z, err := xz.ReaderConfig{DictCap: lzma.MinDictCap}.NewReader(newXzGuard(r))
	return z, nil, err
}

// isBzip2 looks for the header and the first block's, or an empty file's end.
func isBzip2(head []byte) bool {
	return len(head) >= 10 && bytes.HasPrefix(head, []byte("BZh")) && head[3] >= '1' && head[3] <= '9' &&
		(string(head[4:10]) == "\x31\x41\x59\x26\x53\x59" || string(head[4:10]) == "\x17\x72\x45\x38\x50\x90")
}

func openBzip2(r *bufio.Reader) (io.Reader, func(), error) {
	return bzip2.NewReader(r), nil, nil
}

// isLzma guesses, as the format has no magic: the usual properties, and a
// dictionary size that the tools write, whose low bytes are zero.
func isLzma(head []byte) bool {
	return bytes.HasPrefix(head, []byte("\x5d\x00\x00")) &&
		len(head) >= lzma.HeaderLen && lzma.ValidHeader(head[:lzma.HeaderLen])
}

func openLzma(r *bufio.Reader) (io.Reader, func(), error) {
	z, err := lzma.ReaderConfig{DictCap: maxWindow}.NewReader(r)
	return z, nil, err
}
