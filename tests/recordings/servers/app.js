// A web application on Node's own http: CORS, early hints, chunked gzip, trailers, server-sent events, WebSocket.
//   node app.js ADDRESS PORT
const http = require('http'), zlib = require('zlib'), crypto = require('crypto');
const [address, port] = process.argv.slice(2);

const cors = {
  'Access-Control-Allow-Origin': 'https://app.example.net',
  'Access-Control-Allow-Credentials': 'true',
  Vary: 'Origin',
};
const json = (res, status, body, headers = {}) =>
  res.writeHead(status, {'Content-Type': 'application/json; charset=utf-8', ...headers}).end(JSON.stringify(body));
const items = Array.from({length: 50}, (_, n) => ({id: n, title: `Task ${n}`, done: n % 3 === 0}));

const routes = {
  'GET /healthz': (req, res) => json(res, 200, {ok: true}),
  'GET /': (req, res) => {
    res.writeEarlyHints({link: ['</app.css>; rel=preload; as=style', '</app.js>; rel=preload; as=script']});
    setTimeout(() => res.writeHead(200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Strict-Transport-Security': 'max-age=63072000; includeSubDomains',
      'Content-Security-Policy': "default-src 'none'; script-src 'self' 'unsafe-inline'; connect-src https:",
      'Set-Cookie': ['sid=s%3A81c3f0.demo; Path=/; HttpOnly', 'csrf=0d9b1f; Path=/; SameSite=Strict'],
    }).end('<!doctype html><title>Tasks</title><div id=app></div>'), 40);
  },
  'OPTIONS /api/items': (req, res) => res.writeHead(204, {
    ...cors, 'Access-Control-Allow-Methods': 'GET, POST, DELETE', 'Access-Control-Max-Age': '600',
  }).end(),
  'GET /api/items': (req, res) => {
    res.writeHead(200, {...cors, 'Content-Type': 'application/json', 'Content-Encoding': 'gzip'});
    const packed = zlib.createGzip();
    packed.pipe(res);
    for (const item of items) packed.write(JSON.stringify(item) + '\n');
    packed.end();
  },
  'POST /api/items': (req, res) => json(res, 201, {id: 50}, {...cors, Location: '/api/items/50'}),
  'GET /api/open': (req, res) => json(res, 200, items.slice(0, 3), {'Access-Control-Allow-Origin': '*'}),
  'GET /api/sum': (req, res) => {
    res.writeHead(200, {'Content-Type': 'text/plain', Trailer: 'Server-Timing, Content-MD5'});
    res.write('first part, '); res.write('second part');
    res.addTrailers({'Server-Timing': 'total;dur=12.5', 'Content-MD5': 'rL0Y20zC+Fzt72VPzMSk2A=='});
    res.end();
  },
  'GET /api/events': (req, res) => {
    res.writeHead(200, {'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache'});
    let n = 0;
    const timer = setInterval(() => {
      res.write(`event: tick\ndata: {"n":${n}}\n\n`);
      if (++n === 8) { clearInterval(timer); res.end(); }
    }, 250);
  },
  'GET /api/crash': (req, res) => { json(res, 500, {error: "Cannot read properties of undefined (reading 'id')"}); },
  'GET /account': (req, res) => res.writeHead(302, {Location: '/login?next=%2Faccount'}).end(),
  'GET /login': (req, res) => res.writeHead(200, {'Content-Type': 'text/html'}).end('<form method=post></form>'),
  'POST /login': (req, res) => res.writeHead(303, {Location: '/', 'Set-Cookie': 'sid=s%3A44aa.demo; Path=/'}).end(),
};

const server = http.createServer((req, res) => {
  req.resume();
  req.on('end', () => {
    const route = routes[`${req.method} ${req.url.split('?')[0]}`];
    route ? route(req, res) : json(res, 404, {error: 'not found'});
  });
});
server.on('upgrade', (req, socket) => {
  const accept = crypto.createHash('sha1')
    .update(req.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  const text = Buffer.from('{"online":3}');
  socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
  socket.on('data', () => socket.end());
  socket.on('error', () => {});
});
server.keepAliveTimeout = 15000;
server.listen(Number(port), address);
