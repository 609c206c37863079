// Checks responses against an OpenAPI document with ajv.
//   node responses.mjs <directory of ajv> document.json records
// A record is one line of JSON: { method, path, status, body } with the path as the document has it, or { event, body } for the
// request of a webhook; the body is text. What does not hold is printed, and the command fails. Members that the document does not
// have are refused, too.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [home, documentFile, recordsFile] = process.argv.slice(2);
const Ajv = createRequire(resolve(home, "package.json"))("ajv").default;
const document = JSON.parse(readFileSync(documentFile, "utf8"));

// Members of a FormField that Apideck sends although its document does not have them.
for (const name of ["value", "mask", "default_value", "target", "filter"]) document.components.schemas.FormField.properties[name] ??= {};

function close(schema) {
  if (schema.properties) schema.additionalProperties ??= false;
  for (const member of Object.values(schema)) if (member && typeof member === "object") close(member);
}
close(document.components.schemas);

// Not strict: the document's own keywords, such as x-order, are unknown to ajv. Formats: the document has date-time, uri and email.
const ajv = new Ajv({ strict: false, allErrors: true, formats: {
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  uri: /^[a-z][a-z0-9+.-]*:[^\s]+$/i,
  email: /^[^\s@]+@[^\s@]+$/,
} });
ajv.addSchema({ $id: "document", ...document });

function resolvePointer(pointer) {
  return pointer.slice(2).split("/").reduce((value, key) => value[key.replaceAll("~1", "/").replaceAll("~0", "~")], document);
}

const escape = (key) => key.replaceAll("~", "~0").replaceAll("/", "~1");

// The response of a record in the document, as a pointer; references are followed.
function responsePointer({ method, path, status }) {
  const responses = `#/paths/${escape(path)}/${method.toLowerCase()}/responses`;
  const known = resolvePointer(responses);
  const pointer = `${responses}/${String(status) in known ? status : "default"}`;
  return resolvePointer(pointer).$ref ?? pointer;
}

// The document lists vault.connection.migrated among its types of events, but has no webhook of it; all webhooks have one schema.
function eventPointer(event) {
  const { enum: types } = document.components.schemas.VaultEventType;
  if (!types.includes(event)) throw new Error(`${event} is not an event of the document`);
  const [name] = Object.keys(document["x-webhooks"]);
  return `#/x-webhooks/${name}/post/requestBody`;
}

const validators = new Map();
function validator(pointer) {
  if (!validators.has(pointer)) validators.set(pointer, ajv.compile({ $ref: `document${encodeURI(pointer)}` }));
  return validators.get(pointer);
}

// What is wrong with a record, as lines of text.
function problems(record) {
  const pointer = record.event ? eventPointer(record.event) : responsePointer(record);
  const content = resolvePointer(pointer).content;
  if (!content) return record.body === "" ? [] : ["a body where the document has none"];
  const validate = validator(`${pointer}/content/application~1json/schema`);
  if (validate(JSON.parse(record.body))) return [];
  return validate.errors.map((error) => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
}

const records = readFileSync(recordsFile, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
const found = new Set();
for (const record of records) {
  const name = record.event ?? `${record.method} ${record.path} ${record.status}`;
  for (const problem of problems(record)) found.add(`${name}: ${problem}`);
}
for (const line of found) console.log(line);
if (records.length === 0 || found.size > 0) process.exit(1);
