// The browser's engine in Node: how long a whole scan takes it. Arguments: its script, its wasm, a recorded report, milliseconds.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [script, wasm, recorded, within] = process.argv.slice(2);
const engine = await import(pathToFileURL(script));
await engine.default({ module_or_path: readFileSync(wasm) });

const text = readFileSync(recorded, "utf8");
const report = JSON.parse(text);
const events = report.evidence.map((evidence, at) => JSON.stringify({ seq: at + 1, evidence }));
const state = JSON.stringify({
  id: "0", domain: report.domain, options: report.options, probe_domain: report.probe_domain, nonce: report.nonce,
  started: Date.parse(report.checked_at), now: Date.parse(report.checked_at), admit_private: report.admit_private,
  blocklists: report.blocklists ?? [], cancelled: false, inquiries: [], asking: [], evidence: [], complete: false,
});

// As the page does: it takes each event, asks what to post, and judges what is known.
function scan() {
  const scan = engine.Scan.open(state, 0);
  for (const event of events) {
    scan.take(event);
    scan.next_post();
  }
  scan.report();
  scan.free();
}
const works = { "judge, from JSON to JSON": () => engine.judge_again(text), "whole scan: plan at each piece, judge": scan };

const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
for (const [what, work] of Object.entries(works)) {
  work();
  const samples = [];
  const end = performance.now() + Number(within);
  while (performance.now() < end || samples.length < 5) {
    const begun = performance.now();
    work();
    samples.push(performance.now() - begun);
  }
  console.log(`wasm: ${what}, typical domain (${events.length} inquiries)\t${median(samples).toFixed(2)} ms\t`);
}
