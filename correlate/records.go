package correlate

// records holds open messages by number. Records are used again, with their
// memory, so that a message that comes and goes costs no allocation. They stand
// in pages, so that none ever moves.
type records struct {
	pages []*[pageSize]record
	n     int32   // given out so far
	free  []int32 // of them, those that are not in use
}

const pageSize = 64

// record is a message with room for what is kept of most, right behind it.
type record struct {
	open
	room struct {
		texts [320]byte
		rcpts [1]rcpt
		sigs  [1]sig
	}
}

func (r *records) at(i int32) *open { return &r.record(i).open }

func (r *records) record(i int32) *record {
	return &r.pages[uint32(i)/pageSize][uint32(i)%pageSize]
}

// take returns the number of an empty record.
func (r *records) take() int32 {
	if n := len(r.free); n > 0 {
		i := r.free[n-1]
		r.free = r.free[:n-1]
		return i
	}
	if int(r.n) == len(r.pages)*pageSize {
		r.pages = append(r.pages, new([pageSize]record))
	}
	i := r.n
	r.n++
	rec := r.record(i)
	rec.texts, rec.rcpts, rec.sigs = rec.room.texts[:0], rec.room.rcpts[:0], rec.room.sigs[:0]
	return i
}

// release empties record i. It keeps its memory, unless that has grown out of
// proportion.
func (r *records) release(i int32) {
	rec := r.record(i)
	o := &rec.open
	texts := o.texts[:0]
	if cap(texts) > 16<<10 {
		texts = rec.room.texts[:0]
	}
	*o = open{texts: texts, spans: o.spans[:0], rcpts: o.rcpts[:0], sigs: o.sigs[:0], notes: o.notes[:0], rels: o.rels[:0]}
	r.free = append(r.free, i)
}
