// Loads the engine (engine/), a module of its own. The build puts in the names of its files; a script
// of this site is all that our policy of content allows, so nothing is evaluated from text.

let loading;
let failures = 0;

async function fetched() {
  // A browser may remember that a script could not be fetched: another try has another address.
  const engine = await import(failures ? `${ENGINE_JS}?${failures}` : ENGINE_JS);
  await engine.default({ module_or_path: ENGINE_WASM });
  return engine;
}

/** Script and module together may take so long, in milliseconds. */
const DEADLINE = 60_000;

const late = () => new Promise((_, fail) => setTimeout(fail, DEADLINE, new Error("too late")));

const idle = () => new Promise((resolve) => (globalThis.requestIdleCallback ?? setTimeout)(resolve));

/**
 * The engine, loaded once; if `patient`, when the browser has nothing better to do. After a failure
 * the next call tries again.
 */
export async function load(patient) {
  if (patient) await idle();
  loading ??= Promise.race([fetched(), late()]).catch((why) => {
    loading = undefined;
    failures += 1;
    throw why;
  });
  return loading;
}
