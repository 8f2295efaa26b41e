package sources

import (
	"encoding/binary"
	"errors"
	"io"
)

// xzGuard passes an .xz file on and follows its structure, to refuse a block
// whose dictionary is larger than maxWindow before the decoder, which has no
// such limit, allocates it. It checks nothing else: the decoder does.
type xzGuard struct {
	r       io.Reader
	field   []byte                   // what is gathered
	need    int                      // bytes until the field is whole
	then    func(field []byte) error // what to do with it
	skip    int64                    // bytes of no interest that come first
	pos     int64                    // of the next byte; blocks begin at multiples of 4
	check   int64                    // size of a block's check
	numbers int64                    // of the index, to come; -1: their count comes
	number  int64                    // the one that is read
	shift   uint                     // bits of it that are there
}

var errXzStructure = errors.New("xz: no valid structure")

// xzCheckSizes has the size of each type of check (§2.1.1.2 of the format).
var xzCheckSizes = [16]int64{0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64}

func newXzGuard(r io.Reader) *xzGuard {
	g := &xzGuard{r: r, field: make([]byte, 0, 1024)}
	g.expect(4, g.streamStart)
	return g
}

func (g *xzGuard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	if bad := g.walk(p[:n]); bad != nil {
		return 0, bad
	}
	return n, err
}

func (g *xzGuard) walk(p []byte) error {
	for len(p) > 0 {
		if g.skip > 0 {
			k := min(g.skip, int64(len(p)))
			g.skip -= k
			g.pos += k
			p = p[k:]
			continue
		}
		k := min(g.need, len(p))
		g.field = append(g.field, p[:k]...)
		g.need -= k
		g.pos += int64(k)
		p = p[k:]
		if g.need == 0 {
			if err := g.then(g.field); err != nil {
				return err
			}
		}
	}
	return nil
}

// expect says that a field of n bytes comes next.
func (g *xzGuard) expect(n int, then func([]byte) error) {
	g.field, g.need, g.then = g.field[:0], n, then
}

// pad skips to the next multiple of four.
func (g *xzGuard) pad() { g.skip += -g.pos & 3 }

func (g *xzGuard) streamStart(field []byte) error {
	if binary.LittleEndian.Uint32(field) == 0 { // padding between streams
		g.expect(4, g.streamStart)
		return nil
	}
	g.expect(8, g.streamHeader)
	return nil
}

func (g *xzGuard) streamHeader(field []byte) error {
	g.check = xzCheckSizes[field[3]&0xf]
	g.expect(1, g.blockStart)
	return nil
}

func (g *xzGuard) blockStart(field []byte) error {
	if field[0] == 0 {
		g.numbers = -1
		g.expect(1, g.indexByte)
		return nil
	}
	g.expect((int(field[0])+1)*4-1, g.blockHeader)
	return nil
}

// blockHeader finds the size of the dictionary in a header (§3.1) that lacks
// its first byte: flags, sizes, then the filter 0x21, the length of its
// properties, 1, and the size (§5.3.1).
func (g *xzGuard) blockHeader(field []byte) error {
	flags, rest := field[0], field[1:]
	for _, present := range [...]byte{0x40, 0x80} {
		if flags&present != 0 {
			_, n := binary.Uvarint(rest)
			if n <= 0 {
				return errXzStructure
			}
			rest = rest[n:]
		}
	}
	if flags&3 != 0 || len(rest) < 3 || rest[0] != 0x21 || rest[1] != 1 {
		return errors.New("xz: a filter other than LZMA2")
	}
	if bits := rest[2]; bits > 39 || (2|int64(bits&1))<<(bits/2+11) > maxWindow {
		return ErrWindow
	}
	g.expect(1, g.chunkStart)
	return nil
}

// chunkStart reads an LZMA2 chunk's first byte, and the block's end.
func (g *xzGuard) chunkStart(field []byte) error {
	switch control := field[0]; {
	case control == 0:
		g.pad()
		g.skip += g.check
		g.expect(1, g.blockStart)
	case control < 3:
		g.expect(2, g.plainChunk)
	case control < 0x80:
		return errXzStructure
	case control < 0xc0:
		g.expect(4, g.lzmaChunk)
	default: // with one byte of properties
		g.expect(5, g.lzmaChunk)
	}
	return nil
}

func (g *xzGuard) plainChunk(field []byte) error {
	g.skip = int64(binary.BigEndian.Uint16(field)) + 1
	g.expect(1, g.chunkStart)
	return nil
}

func (g *xzGuard) lzmaChunk(field []byte) error {
	g.skip = int64(binary.BigEndian.Uint16(field[2:])) + 1
	g.expect(1, g.chunkStart)
	return nil
}

// indexByte follows the index (§4): the number of records and two numbers for
// each, seven bits a byte. Padding, a checksum and the footer end the stream.
func (g *xzGuard) indexByte(field []byte) error {
	b := field[0]
	if g.shift > 56 {
		return errXzStructure
	}
	g.number |= int64(b&0x7f) << g.shift
	g.shift += 7
	if b&0x80 == 0 {
		if g.numbers < 0 {
			g.numbers = 2 * g.number
		} else {
			g.numbers--
		}
		g.number, g.shift = 0, 0
	}
	if g.numbers == 0 {
		g.pad()
		g.skip += 4 + 12
		g.expect(4, g.streamStart)
		return nil
	}
	g.expect(1, g.indexByte)
	return nil
}
