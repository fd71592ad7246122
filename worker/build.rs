//! Hands the names of the browser's hashed files to the Worker. Without a built frontend the
//! names are plain, so that the Worker can be checked and tested alone.

use std::path::Path;
use std::{env, fs};

const PLAIN: &str = r#"{"js":"/app.js","wasm":"/app.wasm","css":"/app.css"}"#;

fn main() -> std::io::Result<()> {
    let built = Path::new("../frontend/dist/assets.json");
    println!("cargo:rerun-if-changed={}", built.display());
    let text = fs::read_to_string(built).unwrap_or_else(|_| PLAIN.to_owned());
    let out = env::var_os("OUT_DIR").unwrap_or_default();
    fs::write(Path::new(&out).join("assets.json"), text)
}
