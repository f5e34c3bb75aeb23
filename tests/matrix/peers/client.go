// Go: `client h1|h2 ORIGIN AUTHORITY (METHOD PATH)...`
package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

func main() {
	origin, authority, words := os.Args[2], os.Args[3], os.Args[4:]
	known, err := os.ReadFile(authority)
	if err != nil {
		log.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(known)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: os.Args[1] == "h2"}
	client := &http.Client{Transport: transport}
	for ; len(words) > 0; words = words[2:] {
		var content io.Reader
		if words[0] == "POST" {
			content = strings.NewReader("some=content")
		}
		request, _ := http.NewRequest(words[0], origin+words[1], content)
		answer, err := client.Do(request)
		if err != nil {
			log.Fatal(err)
		}
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
	}
}
