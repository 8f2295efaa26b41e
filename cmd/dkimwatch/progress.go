package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/dkimwatch/dkimwatch/pipeline"
	"github.com/dkimwatch/dkimwatch/sources"
)

// How often the bar moves, and after how long the first one is shown: most
// scans are over by then.
const (
	progressStep  = 100 * time.Millisecond
	progressDelay = 300 * time.Millisecond
)

// progress shows how far a scan is: what was read, then what DNS was asked. It
// shows nothing unless it writes to a terminal, and leaves nothing behind. It is
// safe for concurrent use.
type progress struct {
	mu   sync.Mutex
	w    io.Writer // nil: nothing is shown, or nothing any more
	hide func()    // ends what is shown now; may be nil
}

func newProgress(w io.Writer) *progress {
	p := &progress{}
	if _, ok := terminal(w); ok && os.Getenv("TERM") != "dumb" {
		p.w = w
	}
	return p
}

// end shows nothing any more.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	p.w = nil
}

func (p *progress) clear() {
	if p.hide != nil {
		p.hide()
		p.hide = nil
	}
}

// reading shows how far scan has read, until the next step.
func (p *progress) reading(scan *pipeline.Scan) {
	p.show(totalSize(scan.Inputs), "reading", scan.Progress, progressbar.OptionShowBytes(true), progressbar.OptionUseIECUnits(true), progressbar.OptionShowTotalBytes(true))
}

// asking shows how many of n keys DNS was asked for, until the next step.
func (p *progress) asking(n int, done func() int64) {
	what := fmt.Sprintf("asking DNS for %d keys", n)
	if n == 1 {
		what = "asking DNS for 1 key"
	}
	p.show(int64(n), what, done, progressbar.OptionShowCount())
}

// show moves a bar to what done says, until the next step. A total that is not
// positive is not known.
func (p *progress) show(total int64, what string, done func() int64, more ...progressbar.Option) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	if p.w == nil {
		return
	}
	if total <= 0 {
		total = -1
	}
	bar := progressbar.NewOptions64(total, append(more,
		progressbar.OptionSetWriter(p.w), progressbar.OptionSetDescription(what), progressbar.OptionSetWidth(20),
		progressbar.OptionSetElapsedTime(true), progressbar.OptionSetPredictTime(total > 0), progressbar.OptionClearOnFinish(),
	)...)
	bar.StartWithoutRender() // its clock
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { move(ctx, bar, done) })
	p.hide = func() {
		cancel()
		work.Wait()
	}
}

// move moves bar to what done says, until ctx ends; then it clears the bar, which
// is no result. Errors of the terminal are none of the scan's.
func move(ctx context.Context, bar *progressbar.ProgressBar, done func() int64) {
	wait := time.NewTimer(progressDelay)
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			_ = bar.Clear()
			return
		case <-wait.C:
			_ = bar.Set64(done())
			wait.Reset(progressStep)
		}
	}
}

// totalSize is how many bytes there are to read, 0 if that is not known.
func totalSize(inputs []*sources.Input) (total int64) {
	for _, in := range inputs {
		info, err := os.Stat(in.Name)
		if in.Name == sources.Stdin || err != nil || !info.Mode().IsRegular() {
			return 0
		}
		total += info.Size()
	}
	return total
}
