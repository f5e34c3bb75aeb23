// Go: `server WWW CERT KEY KEYS (PORT HTTP TLS)...`
package main

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	www, cert, key, keys, ports := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5:]
	kept, err := os.OpenFile(keys, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		log.Fatal(err)
	}
	answer := func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		body, err := os.ReadFile(filepath.Join(www, filepath.Clean(r.URL.Path)))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		// Wget 1.21 waits for ever behind a trailer section.
		trailers := r.URL.Path == "/text.txt" && !strings.HasPrefix(r.UserAgent(), "Wget")
		if trailers {
			w.Header().Set("Trailer", "X-Done")
		}
		w.Header().Set("X-Peer", "go")
		for len(body) > 0 {
			part := body
			if len(part) > 50000 {
				part = part[:50000]
			}
			w.Write(part)
			w.(http.Flusher).Flush()
			body = body[len(part):]
		}
		if trailers {
			w.Header().Set("X-Done", "yes")
		}
	}
	versions := map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}
	for ; len(ports) > 0; ports = ports[3:] {
		config := &tls.Config{
			MinVersion: versions[ports[2]], MaxVersion: versions[ports[2]], KeyLogWriter: kept, NextProtos: []string{"http/1.1"},
		}
		server := &http.Server{Addr: "127.0.0.1:" + ports[0], Handler: http.HandlerFunc(answer), TLSConfig: config}
		if ports[1] == "h2" {
			config.NextProtos = []string{"h2"}
		} else {
			server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
		}
		go func() { log.Fatal(server.ListenAndServeTLS(cert, key)) }()
	}
	select {}
}
