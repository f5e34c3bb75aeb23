// Node: `client.js fetch|http2 ORIGIN (METHOD PATH)...`
const [library, origin, ...words] = process.argv.slice(2);

async function byFetch(method, path) {
  const answer = await fetch(origin + path, {method, body: method === "POST" ? "some=content" : undefined});
  await answer.arrayBuffer();
}

let session;
function byHttp2(method, path) {
  session ??= require("http2").connect(origin);
  return new Promise((resolve, reject) => {
    const stream = session.request({":method": method, ":path": path}, {endStream: method !== "POST"});
    stream.on("error", reject);
    stream.on("close", resolve);
    stream.resume();
    if (method === "POST") stream.end("some=content");
  });
}

(async () => {
  const ask = library === "fetch" ? byFetch : byHttp2;
  for (let at = 0; at < words.length; at += 2) await ask(words[at], words[at + 1]);
  session?.close();
})();
