// canonical_json.mjs seed count: writes generated documents as JSON.stringify gives them, each on a line, followed by a line with its
// members sorted everywhere and one with arrays as JSON.parse reads them.
const [seed, count] = process.argv.slice(2).map(Number);

// mulberry32, by Tommy Ettinger, in the public domain.
let state = seed;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const pick = (list) => list[Math.floor(random() * list.length)];

const characters = ["a", "b", "Z", "0", "1", "9", " ", "\"", "\\", "/", "\n", "\u0000", "\u007f", "é", "ÿ", "߿", "ࠀ", "\uffff", "\ue000", "\ud7ff", "😀", "𐀀", "\u{10ffff}", "\ud800", "\udc00", "_", "-", "."];
const names = ["0", "1", "2", "10", "00", "01", "-1", "1.5", "4294967294", "4294967295", "4294967296", "9007199254740993", "99999999999999999999", "1e3", "__proto__", "constructor", "toString", "", "a", "A", "aa", "ab", "payload", "entity", "event_id", "é", "z"];
const text = () => Array.from({ length: Math.floor(random() * 5) }, () => pick(characters)).join("");
const name = () => (random() < 0.6 ? pick(names) : text());

// An escape for some characters, where JSON.stringify would write none.
function spell(string) {
  const escape = (unit) => "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0");
  const spelled = Array.from(string, (character) =>
    random() < 0.1 ? character.split("").map(escape).join("") : JSON.stringify(character).slice(1, -1));
  return `"${spelled.join("")}"`;
}

// Names come in any order and more than once, as text may have them.
function document(depth) {
  const kind = random();
  if (depth > 0 && kind < 0.35) {
    const members = Array.from({ length: Math.floor(random() * 6) }, () => `${spell(name())}:${document(depth - 1)}`);
    return `{${members.join(",")}}`;
  }
  if (depth > 0 && kind < 0.55) {
    return `[${Array.from({ length: Math.floor(random() * 5) }, () => document(depth - 1)).join(",")}]`;
  }
  return pick(["null", "true", "false", "0", "-1", "1.5", "1e+21", "123456789", JSON.stringify(text())]);
}

function sorted(value, arrays) {
  if (Array.isArray(value)) return arrays ? value.map((item) => sorted(item, arrays)) : value;
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item, arrays)]));
}

let out = "";
for (let i = 0; i < count; i++) {
  const source = document(6);
  const value = JSON.parse(source);
  out += `${source}\n${JSON.stringify(sorted(value, true))}\n${JSON.stringify(sorted(value, false))}\n`;
  if (out.length > 1 << 20) {
    process.stdout.write(out);
    out = "";
  }
}
process.stdout.write(out);
