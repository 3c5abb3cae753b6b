// Preloaded into Azurite: ends it as soon as its standard input closes, which it does when the parent dies in any way.
process.stdin.on("end", () => process.exit(0));
process.stdin.on("error", () => process.exit(0));
process.stdin.resume();
process.stdin.unref();
