package correlate

// list is a list of open messages by their last line. All its numbers, and
// open's next and prev, are indexes plus 1, so that 0 is none.
type list struct{ oldest, newest int32 }

func (l *list) add(r *records, i int32) {
	o := r.at(i)
	o.prev, o.next = l.newest, 0
	if l.newest != 0 {
		r.at(l.newest - 1).next = i + 1
	} else {
		l.oldest = i + 1
	}
	l.newest = i + 1
}

func (l *list) remove(r *records, i int32) {
	o := r.at(i)
	if o.prev != 0 {
		r.at(o.prev - 1).next = o.next
	} else {
		l.oldest = o.next
	}
	if o.next != 0 {
		r.at(o.next - 1).prev = o.prev
	} else {
		l.newest = o.prev
	}
}
