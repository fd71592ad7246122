// Loads the engine (engine/), a module of its own. The build puts in the names of its files; a script
// of this site is all that our policy of content allows, so nothing is evaluated from text.

let loading;
let failures = 0;

async function fetched() {
  // A browser may remember that a script could not be fetched: another try has another address.
  const engine = await import(failures ? `${ENGINE_JS}?${failures}` : ENGINE_JS);
  const module_or_path = fetch(ENGINE_WASM, { signal: AbortSignal.timeout(60_000) });
  await engine.default({ module_or_path });
  return engine;
}

const idle = () => new Promise((resolve) => (globalThis.requestIdleCallback ?? setTimeout)(resolve));

/**
 * The engine, loaded once; if `patient`, when the browser has nothing better to do. After a failure
 * the next call tries again.
 */
export async function load(patient) {
  if (patient) await idle();
  loading ??= fetched().catch((why) => {
    loading = undefined;
    failures += 1;
    throw why;
  });
  return loading;
}
