// eventsource-parser with TextDecoder over a file in chunks: `node measure.js FILE CHUNK ROUNDS`.
// Prints events, bytes of their data, and the median seconds of CPU time.

import { readFileSync } from "node:fs";
import { createParser } from "eventsource-parser";

const [file, size, rounds] = process.argv.slice(2);
const bytes = readFileSync(file);
const chunks = [];
for (let at = 0; at < bytes.length; at += Number(size)) chunks.push(bytes.subarray(at, at + Number(size)));

function run(onEvent) {
  const parser = createParser({ onEvent });
  const decoder = new TextDecoder();
  for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }));
}

let events = 0;
let data = 0;
run((event) => {
  events += 1;
  data += Buffer.byteLength(event.data);
});

const times = [];
for (let round = 0; round < Number(rounds); round += 1) {
  let length = 0;
  const start = process.cpuUsage();
  run((event) => (length += event.data.length));
  const { user, system } = process.cpuUsage(start);
  times.push((user + system) / 1e6);
  if (length === 0) throw new Error("no data");
}
times.sort((a, b) => a - b);
console.log(events, data, times[times.length >> 1]);
