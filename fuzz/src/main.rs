//! What libFuzzer drives: one program for all targets, so that it is built and linked once. `MAILSINS_FUZZ_TARGET`
//! names the one to run; all other words are libFuzzer's.

#![no_main]

use std::sync::OnceLock;

use fuzz::Target;

static TARGET: OnceLock<&Target> = OnceLock::new();

fn chosen() -> &'static Target {
    let name = std::env::var("MAILSINS_FUZZ_TARGET").unwrap_or_default();
    fuzz::named(&name).unwrap_or_else(|| panic!("MAILSINS_FUZZ_TARGET names no target: {name:?}"))
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    (TARGET.get_or_init(chosen).run)(data);
});
