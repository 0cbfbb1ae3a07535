package server

import (
	"context"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// serve runs a server until the test ends, and returns the path of its socket.
func serve(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "s")
	listener, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, listener, newFake()) }()
	t.Cleanup(func() {
		end()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(path); err == nil {
			t.Error("the socket is left behind")
		}
	})
	return path
}

func dial(t *testing.T, path string) net.Conn {
	t.Helper()
	connection, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	return connection
}

// ask sends text unchanged and returns the response, up to the end of the connection.
func ask(t *testing.T, path, text string) string {
	t.Helper()
	connection := dial(t, path)
	if _, err := io.WriteString(connection, text); err != nil {
		t.Fatal(err)
	}
	answer, _ := io.ReadAll(connection) // the server may reset the connection
	return string(answer)
}

const status = "GET /v1/status HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n"

func TestServe(t *testing.T) {
	path := serve(t)
	if answer := ask(t, path, status); !strings.HasPrefix(answer, "HTTP/1.1 200") {
		t.Errorf("got %q", answer)
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket has mode %v, %v", info.Mode(), err)
	}
}

func TestRubbish(t *testing.T) {
	path := serve(t)
	for _, text := range []string{
		"rubbish\r\n\r\n",
		"\x00\x01\x02\x03\r\n\r\n",
		"GET /v1/status HTTP/1.1\r\nHost: m\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n",
		"POST /v1/drain HTTP/1.1\r\nHost: m\r\nContent-Length: 99999999999999999999\r\n\r\n",
		"GET /" + strings.Repeat("a", 1<<16) + " HTTP/1.1\r\nHost: m\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n",
	} {
		connection := dial(t, path)
		_, _ = io.WriteString(connection, text) // fails if the server closes the connection early
		answer, _ := io.ReadAll(connection)
		if len(answer) > 0 && !strings.HasPrefix(string(answer), "HTTP/1.1 4") {
			t.Errorf("%.20q is answered by %q", text, answer)
		}
	}
	if answer := ask(t, path, status); !strings.HasPrefix(answer, "HTTP/1.1 200") {
		t.Errorf("afterwards: %q", answer)
	}
}

// A connection beyond the limit is served once another one closes.
func TestCrowd(t *testing.T) {
	path := serve(t)
	var crowd []net.Conn
	for range maxConnections {
		crowd = append(crowd, dial(t, path))
	}
	last := dial(t, path)
	if _, err := io.WriteString(last, status); err != nil {
		t.Fatal(err)
	}
	crowd[0].Close()
	answer, err := io.ReadAll(last)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200") {
		t.Errorf("got %q, %v", answer, err)
	}
}

// Clients that follow events, or do not read, do not keep others out.
func TestFollowersDoNotKeepOthersOut(t *testing.T) {
	path := serve(t)
	const follow = "GET /v1/events?follow=1 HTTP/1.1\r\nHost: m\r\n\r\n"
	for range maxFollowers {
		follower := dial(t, path)
		if _, err := io.WriteString(follower, follow); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(follower, make([]byte, 1)); err != nil { // it follows now
			t.Fatal(err)
		}
	}
	for range maxConnections { // as often as there would be places
		if answer := ask(t, path, follow); !strings.HasPrefix(answer, "HTTP/1.1 429") {
			t.Fatalf("one more follower: %q", answer)
		}
		if answer := ask(t, path, status); !strings.HasPrefix(answer, "HTTP/1.1 200") {
			t.Fatalf("another client: %q", answer)
		}
	}
}

// A client that follows events does not keep Serve from returning.
func TestFollower(t *testing.T) {
	path := serve(t)
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			return net.Dial("unix", path)
		},
	}}
	answer, err := client.Get("http://m/v1/events?follow=1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
}

func TestListen(t *testing.T) {
	directory := t.TempDir()
	stale := filepath.Join(directory, "stale")
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: stale, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	left.SetUnlinkOnClose(false)
	left.Close()
	listener, err := Listen(stale)
	if err != nil {
		t.Fatalf("a stale socket: %v", err)
	}
	defer listener.Close()
	if _, err := Listen(stale); err == nil || !strings.Contains(err.Error(), "another program listens on") {
		t.Errorf("a socket in use: %v", err)
	}
	file := filepath.Join(directory, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(file); err == nil || !strings.Contains(err.Error(), "is not a socket") {
		t.Errorf("a file: %v", err)
	}
	if info, err := os.Lstat(file); err != nil || info.Mode()&fs.ModeType != 0 {
		t.Errorf("the file is %v, %v", info, err)
	}
	if _, err := Listen(filepath.Join(directory, strings.Repeat("x", 200))); err == nil {
		t.Error("a path that is too long is taken")
	}
}
