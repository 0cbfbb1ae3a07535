package zmq

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
	"github.com/scaler-native/scaler-native/go/internal/transport/stream/pieces"
)

// short and long encode a frame with a length of 1 and 8 bytes.
func short(flags byte, body string) string { return string([]byte{flags, byte(len(body))}) + body }

func long(flags byte, body string) string {
	return string(binary.BigEndian.AppendUint64([]byte{flags | flagLong}, uint64(len(body)))) + body
}

func command(name, body string) string { return string(rune(len(name))) + name + body }

func TestReadFrame(t *testing.T) {
	tests := []struct {
		name, sent string
		want       frame
		err        error
	}{
		{"empty", short(0, ""), frame{body: []byte{}}, nil},
		{"short", short(0, "abc"), frame{body: []byte("abc")}, nil},
		{"long", long(0, "abc"), frame{body: []byte("abc")}, nil},
		{"more", short(flagMore, "a"), frame{more: true, body: []byte("a")}, nil},
		{"command", short(flagCommand, "a"), frame{command: true, body: []byte("a")}, nil},
		{"long command, as long as allowed", long(flagCommand, string(make([]byte, maxCommand))),
			frame{command: true, body: make([]byte, maxCommand)}, nil},
		{"nothing", "", frame{}, io.EOF},
		{"end after flags", "\x00", frame{}, io.ErrUnexpectedEOF},
		{"end inside a length", "\x02\x00\x00", frame{}, io.ErrUnexpectedEOF},
		{"end inside a body", short(0, "abc")[:4], frame{}, io.ErrUnexpectedEOF},
		{"reserved flag", short(8, "a"), frame{}, ErrMalformed},
		{"command of several frames", short(flagCommand|flagMore, "a"), frame{}, ErrMalformed},
		{"too long", long(0, string(make([]byte, 10001))), frame{}, stream.ErrFrameTooLarge},
		{"length of 2^63", "\x02\x80\x00\x00\x00\x00\x00\x00\x00", frame{}, stream.ErrFrameTooLarge},
		{"command too long", long(flagCommand, string(make([]byte, maxCommand+1))), frame{}, stream.ErrFrameTooLarge},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := readFrame(strings.NewReader(test.sent), 10000)
			if !errors.Is(err, test.err) {
				t.Fatalf("got %v, want %v", err, test.err)
			}
			if err != nil {
				return
			}
			if got.command != test.want.command || got.more != test.want.more || !bytes.Equal(got.body, test.want.body) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestProperty(t *testing.T) {
	router := "\x0bSocket-Type\x00\x00\x00\x06ROUTER"
	tests := []struct {
		name, metadata, want string
		err                  error
	}{
		{"none", "", "", nil},
		{"only", router, "ROUTER", nil},
		{"behind another", "\x08Identity\x00\x00\x00\x00" + router, "ROUTER", nil},
		{"in another case", strings.ToLower(router[:12]) + router[12:], "ROUTER", nil},
		{"end inside a name", "\x0bSock", "", ErrMalformed},
		{"end inside a length", router[:14], "", ErrMalformed},
		{"end inside a value", router[:len(router)-1], "", ErrMalformed},
		{"value of 4 GB", "\x01a\xff\xff\xff\xff", "", ErrMalformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got, err := property([]byte(test.metadata), "Socket-Type"); got != test.want || !errors.Is(err, test.err) {
				t.Errorf("got %q, %v; want %q, %v", got, err, test.want, test.err)
			}
		})
	}
}

func FuzzFrame(f *testing.F) {
	for _, seed := range []string{
		"", short(0, ""), short(0, "abc") + long(0, "d"), short(flagMore, "a"),
		long(flagCommand, command("PING", "\x00\x01ctx")),
		short(flagCommand, command("READY", "\x0bSocket-Type\x00\x00\x00\x06ROUTER")), "\x02\xff\xff\xff\xff\xff\xff\xff\xff",
		short(flagCommand, "\xffPING"), short(flagCommand, command("PING", "\x00")), "\x08\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		const limit = 256
		in := bytes.NewReader(sent)
		for {
			got, err := readFrame(in, limit)
			if err != nil {
				known := err == io.EOF || err == io.ErrUnexpectedEOF ||
					errors.Is(err, stream.ErrFrameTooLarge) || errors.Is(err, ErrMalformed)
				if !known {
					t.Fatal(err)
				}
				return
			}
			if !got.command {
				if len(got.body) > limit {
					t.Fatalf("message of %d bytes", len(got.body))
				}
				continue
			}
			name, body, err := splitCommand(got.body)
			if err != nil {
				continue
			}
			if name == "" || len(name)+len(body)+1 != len(got.body) {
				t.Fatalf("command %q, %q of %q", name, body, got.body)
			}
			_, _ = pongContext(body)
			_, _ = property(body, "Socket-Type")
		}
	})
}

// FuzzPieces compares bytes that arrive in two pieces with those read at once.
func FuzzPieces(f *testing.F) {
	for _, seed := range []string{
		"", short(0, ""), short(0, "abc") + long(0, "d"), short(flagMore, "a"),
		long(flagCommand, command("PING", "\x00\x01ctx")),
		long(0, string(make([]byte, 300))), "\x02\xff\xff\xff\xff\xff\xff\xff\xff", short(0, "a") + "\x08\x00",
	} {
		for _, at := range []uint{1, 2, 5, 9} {
			f.Add([]byte(seed), at)
		}
	}
	f.Fuzz(func(t *testing.T, sent []byte, at uint) {
		const limit = 256
		in := bytes.NewReader(sent)
		take := func(header, body []byte) (bool, error) {
			want, err := readFrame(in, limit)
			if err != nil || !bytes.Equal(body, want.body) ||
				want.command != (header[0]&flagCommand != 0) || want.more != (header[0]&flagMore != 0) {
				t.Fatalf("got %q behind %x, want %+v, %v", body, header, want, err)
			}
			return true, nil
		}
		cut := func(begin []byte) (header, body int, err error) { return cutFrame(begin, limit) }
		err := pieces.Split(sent, at, cut, take)
		if _, want := readFrame(in, limit); err.Error() != want.Error() {
			t.Errorf("got %v, want %v", err, want)
		}
	})
}
