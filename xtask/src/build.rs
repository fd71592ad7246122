//! The site: the frontend for browsers, then the Worker, which names the frontend's files.

use crate::process::run as run_command;
use crate::{assets, root, setup, target};
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::process::Command;

/// Which Worker: never mixed up, since each has its own folder.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What is deployed.
    Production,
    /// May probe loopback addresses.
    Lab,
}

impl Kind {
    /// As the command line says.
    pub fn of(arguments: &[&str]) -> Self {
        if arguments.contains(&"--lab") { Self::Lab } else { Self::Production }
    }

    /// Folder of the built Worker within worker/.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Production => "build",
            Self::Lab => "build-lab",
        }
    }
}

/// Runs `./x build`.
pub fn run(arguments: &[&str]) -> Result<()> {
    setup::run(&[])?;
    build(Kind::of(arguments))
}

/// Builds both halves.
pub fn build(kind: Kind) -> Result<()> {
    assets::build()?;
    worker(kind)
}

/// The module that the Worker's build left.
pub fn worker_module(kind: Kind) -> PathBuf {
    root().join("worker").join(kind.folder()).join("index.js")
}

/// Where cargo builds for browsers, and checks what is for wasm.
pub fn wasm_target() -> PathBuf {
    target().join("browser")
}

fn worker(kind: Kind) -> Result<()> {
    let name = match kind {
        Kind::Production => "production",
        Kind::Lab => "lab: never deploy it",
    };
    println!("Building the Worker ({name})");
    let mut command = Command::new(setup::tool("worker-build"));
    // It would keep the names of functions, a quarter of the module: they are nowhere but in traces of panics.
    command.args(["--release", "--panic-unwind", "--no-opt", "--out-dir", kind.folder()]);
    command.current_dir(root().join("worker"));
    if kind == Kind::Lab {
        command.args(["--", "--features", "lab"]);
    }
    setup::with_nightly(&mut command)?;
    // A standard library built for size, as for browsers.
    command.env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size,panic-unwind");
    // Places of panics are a file and a line each, and Debug writes each field: nobody is shown either.
    command.env("RUSTFLAGS", "-Zlocation-detail=none -Zfmt-debug=shallow");
    command.env("CARGO_TARGET_DIR", target().join("worker"));
    command.env("WASM_BINDGEN_BIN", setup::tool("wasm-bindgen"));
    command.env("ESBUILD_BIN", setup::npm_tool("esbuild"));
    run_command(&mut command)?;
    let module = worker_module(kind);
    let wasm = module.with_file_name("index_bg.wasm");
    let small = module.with_file_name("small.wasm");
    // What unwinds needs exceptions, which browsers' modules do without.
    assets::optimise(&wasm, &small, &["--enable-exception-handling"])?;
    std::fs::rename(small, wasm).context("put the small module into place")
}
