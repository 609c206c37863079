// Apideck's official TypeScript SDK on node. BENCH_SDK is the directory that has node_modules.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const env = process.env;
const require = createRequire(pathToFileURL(env.BENCH_SDK + "/"));
const { Apideck } = await import(pathToFileURL(require.resolve("@apideck/unify")));

function open(prefix) {
  return new Apideck({
    apiKey: "bench-key",
    appId: "bench-app",
    consumerId: "bench-consumer",
    serverURL: env.BENCH_URL + prefix,
  });
}

function readBody(name) {
  return JSON.parse(readFileSync(`${env.BENCH_PAYLOADS}/${name}.json`, "utf8"));
}

const apideck = open("");
const ids = { serviceId: "pipedrive", unifiedApi: "crm" };

function importData() {
  const { credentials, ...rest } = readBody("import");
  return {
    ...rest,
    credentials: {
      accessToken: credentials.access_token,
      refreshToken: credentials.refresh_token,
      expiresIn: credentials.expires_in,
      issuedAt: new Date(credentials.issued_at),
    },
  };
}

// A function that makes one call.
function prepare(name) {
  const { connections } = name.startsWith("size_") ? open("/" + name).vault : apideck.vault;
  if (name === "get" || name.startsWith("concurrent_")) {
    return () => connections.get(ids);
  }
  if (name === "list_20") {
    return () => connections.list({ api: "crm" });
  }
  if (name === "list_200" || name.startsWith("size_")) {
    return () => connections.list({});
  }
  if (name === "update") {
    const connection = readBody("update");
    return () => connections.update({ ...ids, connection });
  }
  const connectionImportData = importData();
  return () => connections.imports({ ...ids, connectionImportData });
}

async function run(call, calls, concurrent) {
  let started = 0;
  async function inTurn() {
    while (started < calls) {
      started++;
      await call();
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrent, calls) }, inTurn));
}

const ready = new Map();
for await (const line of createInterface({ input: process.stdin })) {
  const [name, calls] = line.split(" ");
  if (!ready.has(name)) {
    ready.set(name, prepare(name));
  }
  await run(ready.get(name), Number(calls), Number(/^concurrent_(\d+)$/.exec(name)?.[1] ?? 1));
  process.stdout.write("done\n");
}
