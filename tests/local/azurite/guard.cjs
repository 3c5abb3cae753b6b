// Preloaded into Azurite: ends it as soon as its standard input closes, which it does when the parent dies in any way.
process.stdin.on("end", () => process.exit(0));
process.stdin.on("error", () => process.exit(0));
process.stdin.resume();
process.stdin.unref();

// And has it keep idle connections longer than its clients do (aiohttp: 15 s), as Azure does. It drops them after 5 s, now
// and then in the moment that one is used again, and does not read its own options for that (3.35).
const http = require("node:http");
const createServer = http.createServer;
http.createServer = (...given) =>
  Object.defineProperty(createServer(...given), "keepAliveTimeout", { get: () => 120_000, set: () => {} });
