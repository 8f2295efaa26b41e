package storetest

import (
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dkimwatch/dkimwatch/correlate"
	"github.com/dkimwatch/dkimwatch/dkim"
	"github.com/dkimwatch/dkimwatch/store"
)

func commit(t *testing.T, db *store.DB, b store.Batch) {
	t.Helper()
	if err := db.Commit(t.Context(), b); err != nil {
		t.Fatalf("Commit: %v", err)
	}
}

func commitMessages(t *testing.T, db *store.DB, messages ...correlate.Message) {
	t.Helper()
	commit(t, db, store.Batch{Messages: messages})
}

func commitIncidents(t *testing.T, db *store.DB, incidents ...correlate.Incident) {
	t.Helper()
	commit(t, db, store.Batch{Incidents: incidents})
}

func wantMessages(t *testing.T, db *store.DB, f store.Filter, want ...correlate.Message) {
	t.Helper()
	got, err := db.Messages(t.Context(), f)
	if err != nil {
		t.Fatalf("Messages(%+v): %v", f, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Messages(%+v) differ (-want +got):\n%s", f, diff)
	}
}

func wantIncidents(t *testing.T, db *store.DB, f store.IncidentFilter, want ...correlate.Incident) {
	t.Helper()
	got, err := db.Incidents(t.Context(), f)
	if err != nil {
		t.Fatalf("Incidents(%+v): %v", f, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Incidents(%+v) differ (-want +got):\n%s", f, diff)
	}
}

// hostileText has what breaks SQL, JSON and UTF-8, and what escapes of it look like.
const hostileText = "Robert'); DROP TABLE message;-- \" \\ \\x00 \x00 \xff\xfe \u2028 ☃ \x1b[31m $1 ? %s "

// Fill sets every field of the struct that v points to, to a value that no other
// field has, and every slice to two such elements. Strings are hostile.
func Fill(v any) {
	n := 0
	fill(reflect.ValueOf(v).Elem(), &n)
}

func fill(v reflect.Value, n *int) {
	*n++
	switch to := v.Addr().Interface().(type) {
	case *time.Time:
		*to = t0.Add(time.Duration(*n) * time.Microsecond)
		return
	case *dkim.KeyName:
		*to = dkim.KeyName{Selector: "s" + strconv.Itoa(*n), Domain: "d" + strconv.Itoa(*n) + ".example"}
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(hostileText + strconv.Itoa(*n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint8: // an enumeration: all have as many as this
		v.SetUint(2)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	default:
		panic("cannot fill a " + v.Type().String())
	}
}
