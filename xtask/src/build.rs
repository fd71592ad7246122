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
    command.args(["--release", "--panic-unwind", "--out-dir", kind.folder()]).current_dir(root().join("worker"));
    if kind == Kind::Lab {
        command.args(["--", "--features", "lab"]);
    }
    setup::with_nightly(&mut command)?;
    command.env("CARGO_TARGET_DIR", target().join("worker"));
    command.env("WASM_BINDGEN_BIN", setup::tool("wasm-bindgen"));
    command.env("WASM_OPT_BIN", setup::npm_tool("wasm-opt"));
    command.env("ESBUILD_BIN", setup::npm_tool("esbuild"));
    run_command(&mut command)?;
    let module = worker_module(kind);
    std::fs::metadata(&module).with_context(|| format!("worker-build left no {}", module.display()))?;
    Ok(())
}
