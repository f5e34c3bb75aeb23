// Node: `server.js WWW CERT KEY (PORT HTTP TLS)...`; keys by --tls-keylog.
const fs = require("fs"), path = require("path");
const [www, cert, key, ...ports] = process.argv.slice(2);

function answer(request, response) {
  request.resume();
  request.on("end", () => {
    let body;
    try {
      body = fs.readFileSync(path.join(www, path.normalize(request.url)));
    } catch {
      response.writeHead(404, {"content-type": "text/plain"});
      return response.end("nothing here\n");
    }
    response.setHeader("set-cookie", ["one=1; HttpOnly", "two=2"]);
    response.writeHead(request.method === "POST" ? 201 : 200, {"x-peer": "node"});
    // In parts, without a length: chunked in HTTP/1.
    for (let at = 0; at < body.length; at += 50000) response.write(body.subarray(at, at + 50000));
    response.end();
  });
}

for (let at = 0; at < ports.length; at += 3) {
  const [port, http, tls] = ports.slice(at, at + 3);
  const options = {
    cert: fs.readFileSync(cert), key: fs.readFileSync(key), minVersion: `TLSv${tls}`, maxVersion: `TLSv${tls}`,
  };
  const server = http === "h2" ? require("http2").createSecureServer(options, answer)
    : require("https").createServer(options, answer);
  server.listen(Number(port), "127.0.0.1");
}
