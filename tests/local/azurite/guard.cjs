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

// And has it look for texts of messages that are gone once an hour in place of once a minute: it answers nobody meanwhile,
// for two seconds after a thousand messages and for longer than its clients wait after five thousand (3.35).
require("azurite/dist/src/queue/utils/constants").DEFAULT_GC_INTERVAL_MS = 3_600_000;

// And has its store do nothing where there is nothing to remove. Each fetch and each delete of a message removes what has
// expired; for none, too, the store makes all indices of all messages anew (lokijs 1.5.12).
const Loki = require("lokijs");
const Collection = Object.getPrototypeOf(new Loki("none", { persistenceMethod: "memory" }).addCollection("none"));
const removeBatch = Collection.removeBatch;
Collection.removeBatch = function (batch) {
  if (batch.length) removeBatch.call(this, batch);
};
