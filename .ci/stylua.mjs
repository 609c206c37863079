// StyLua from its WebAssembly package: the same formatter as the command, where its binary cannot be downloaded.
//   node stylua.mjs <directory of @johnnymorganz/stylua> [--write] file.lua...
// Without --write it names the files that are not formatted, and fails.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [home, ...rest] = process.argv.slice(2);
const write = rest[0] === "--write";
const files = write ? rest.slice(1) : rest;
const stylua = createRequire(resolve(home, "package.json"))(resolve(home, "stylua_lib_node.cjs"));

// The options of stylua.toml, which the package does not read by itself: one "key = value" a line.
function configuration() {
  const config = stylua.Config.new();
  const toml = readFileSync(new URL("../stylua.toml", import.meta.url), "utf8");
  for (const [, key, , text, number] of toml.matchAll(/^(\w+) = ("(\w+)"|(\d+))/gm)) {
    if (!(key in config)) throw new Error(`stylua.toml: ${key} is not an option of this StyLua`);
    if (text === undefined) {
      config[key] = Number(number);
      continue;
    }
    const values = { syntax: "LuaVersion", line_endings: "LineEndings", indent_type: "IndentType", quote_style: "QuoteStyle",
      call_parentheses: "CallParenType", collapse_simple_statement: "CollapseSimpleStatement" };
    const value = stylua[values[key]]?.[text];
    if (value === undefined) throw new Error(`stylua.toml: ${key} = "${text}" is not known to this StyLua`);
    config[key] = value;
  }
  return config;
}

let unformatted = 0;
for (const file of files) {
  const source = readFileSync(file, "utf8");
  let formatted;
  try {
    formatted = stylua.formatCode(source, configuration(), undefined, stylua.OutputVerification.None);
  } catch (error) {
    console.error(`${file}: ${error}`);
    unformatted++;
    continue;
  }
  if (formatted === source) continue;
  unformatted++;
  if (write) {
    writeFileSync(file, formatted);
    console.log(`formatted ${file}`);
  } else {
    const lines = source.split("\n");
    const line = formatted.split("\n").findIndex((text, index) => text !== lines[index]);
    console.error(`${file}:${line + 1}: not formatted as stylua.toml says`);
  }
}
if (unformatted > 0 && !write) process.exit(1);
