//! frontend/dist: what browsers load, under names that say the content.

use crate::build::wasm_target;
use crate::process::run as run_command;
use crate::{root, setup};
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Features that wasm-opt may use: all browsers and workerd have them. `--all-features` makes modules that
/// Chromium refuses.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// The two programs of a browser: the pages, and the mail knowledge, which is loaded when it is needed.
pub const APP: &str = "app";
/// See [`APP`].
pub const ENGINE: &str = "engine";

/// Where the frontend is served from.
pub fn dist() -> PathBuf {
    root().join("frontend/dist")
}

/// Builds the frontend and puts it into place file by file, so that a running server never misses one.
pub fn build() -> Result<()> {
    println!("Building the frontend");
    let work = wasm_target().join("site");
    let _ = fs::remove_dir_all(&work);
    fs::create_dir_all(work.join("out"))?;
    // The engine first: the app's script names its files.
    cargo(&["--package=mailsins-engine", "--lib"])?;
    let engine_wasm = module(&work, "engine")?;
    let engine_script = engine_script(&work)?;
    cargo(&["--package=mailsins-frontend", "--bin=mailsins-frontend", "--no-default-features", "--features=browser"])?;
    let wasm = module(&work, "mailsins-frontend")?;
    let script = script(&work, &wasm, &engine_script, &engine_wasm)?;
    let style = style(&work)?;

    let out = work.join("out");
    let names = [
        ("js", &script),
        ("wasm", &wasm),
        ("css", &style),
        ("engine_js", &engine_script),
        ("engine_wasm", &engine_wasm),
    ];
    copy_static(&root().join("frontend/static"), &out)?;
    fs::copy(root().join("frontend/index.html"), out.join("index.html")).context("copy frontend/index.html")?;
    for file in files(&out)?.into_iter().filter(|file| file.extension().is_some_and(|kind| kind == "html")) {
        let mut page = fs::read_to_string(out.join(&file))?;
        for (kind, name) in names {
            page = page.replace(&format!("{{{{{kind}}}}}"), &format!("/{name}"));
        }
        fs::write(out.join(file), page)?;
    }
    let list = names.map(|(kind, name)| format!("\"{kind}\":\"/{name}\"")).join(",");
    fs::write(out.join("assets.json"), format!("{{{list}}}\n"))?;
    learn(&out)?;
    publish(&out, &dist())
}

/// The pages to read, which the Worker completes and sends (worker/src/routes/learn.rs).
fn learn(out: &Path) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "--package=mailsins-frontend", "--bin=learn", "--features=learn", "--"]);
    run_command(cargo.arg(out.join("assets.json")).arg(out.join("learn")).current_dir(root()))
}

fn cargo(what: &[&str]) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--release", "--target=wasm32-unknown-unknown"]).args(what);
    // A tenth smaller than with the standard library as it comes, and a twentieth more without the
    // texts of panics and of {:?}, which nobody would see: a browser's page ends at a panic either way.
    cargo.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size", "-Zpanic-immediate-abort"]);
    cargo.env("CARGO_PROFILE_RELEASE_PANIC", "immediate-abort");
    cargo.env("RUSTFLAGS", "-Zfmt-debug=none -Zlocation-detail=none");
    setup::with_nightly(&mut cargo)?;
    run_command(cargo.env("CARGO_TARGET_DIR", wasm_target()).current_dir(root()))
}

/// A built module, optimised and packed in out/, and its glue in a folder of its own; returns the wasm's name.
fn module(work: &Path, built: &str) -> Result<String> {
    let name = if built == ENGINE { ENGINE } else { APP };
    let built = wasm_target().join("wasm32-unknown-unknown/release").join(format!("{built}.wasm"));
    let glue = work.join(name);
    let mut command = Command::new(setup::tool("wasm-bindgen"));
    run_command(
        command.args(["--target=web", "--no-typescript", "--out-name=glue", "--out-dir"]).arg(&glue).arg(built),
    )?;
    let small = work.join("small.wasm");
    optimise(&glue.join("glue_bg.wasm"), &small, &[])?;
    let name = keep(work, &small, name, "wasm")?;
    pack(&work.join("out").join(&name))?;
    Ok(name)
}

/// A module made small for its packed form, without the names of its functions; it may use `more` features.
pub fn optimise(module: &Path, to: &Path, more: &[&str]) -> Result<()> {
    let mut command = Command::new(setup::npm_tool("wasm-opt"));
    // What -Oz does beyond this makes a module a twentieth smaller, and a twentieth larger once it is packed:
    // it folds, inlines and renames until nothing looks like anything else. Arguments that
    // nobody reads are another matter.
    command.args(["-O1", "--dae-optimizing"]).args(WASM_FEATURES).args(more).arg(module).arg("-o").arg(to);
    run_command(&mut command)
}

/// Where a file's packed form is.
pub fn packed(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".br");
    name.into()
}

/// Packs a file as small as Brotli can, once here instead of at each delivery: the Worker sends it to
/// every browser that takes it (worker/src/routes/program.rs).
fn pack(file: &Path) -> Result<()> {
    let mut content = fs::File::open(file).with_context(|| format!("read {}", file.display()))?;
    let mut to = fs::File::create(packed(file))?;
    let strongest = brotli::enc::BrotliEncoderParams { lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut content, &mut to, &strongest).context("pack the wasm")?;
    Ok(())
}

/// Glue and start in one small file: the policy of our pages allows no inline script. In it are the names
/// of the engine's files, for frontend/engine.js.
fn script(work: &Path, wasm: &str, engine_script: &str, engine_wasm: &str) -> Result<String> {
    let start = work.join("start.js");
    fs::write(&start, format!("import init from './{APP}/glue.js';\ninit({{ module_or_path: '/{wasm}' }});\n"))?;
    let small = work.join("small.js");
    let names = [
        format!("--define:ENGINE_JS=\"/{engine_script}\""),
        format!("--define:ENGINE_WASM=\"/{engine_wasm}\""),
        format!("--external:/{engine_script}"),
    ];
    let options = ["--bundle", "--format=esm"].into_iter().chain(names.iter().map(String::as_str));
    esbuild(&start, &small, &options.collect::<Vec<_>>())?;
    keep(work, &small, APP, "js")
}

/// The engine's glue, which frontend/engine.js imports and starts.
fn engine_script(work: &Path) -> Result<String> {
    let small = work.join("small.js");
    // Whoever imports it says where the wasm is: the name that the glue falls back to is not there.
    esbuild(&work.join(ENGINE).join("glue.js"), &small, &["--format=esm"])?;
    keep(work, &small, ENGINE, "js")
}

fn style(work: &Path) -> Result<String> {
    let small = work.join("small.css");
    esbuild(&root().join("frontend/style.css"), &small, &[])?;
    keep(work, &small, "style", "css")
}

fn esbuild(from: &Path, to: &Path, options: &[&str]) -> Result<()> {
    let mut command = Command::new(setup::npm_tool("esbuild"));
    command.arg(from).args(["--minify", "--log-level=warning"]).args(options);
    run_command(command.arg(format!("--outfile={}", to.display())))
}

/// Moves a file to out/, named by its content.
fn keep(work: &Path, file: &Path, name: &str, kind: &str) -> Result<String> {
    let content = fs::read(file).with_context(|| format!("read {}", file.display()))?;
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    let name = format!("{name}-{:016x}.{kind}", hasher.finish());
    fs::rename(file, work.join("out").join(&name))?;
    Ok(name)
}

fn copy_static(from: &Path, to: &Path) -> Result<()> {
    for path in files(from).with_context(|| format!("read {}", from.display()))? {
        let target = to.join(&path);
        fs::create_dir_all(target.parent().unwrap_or(to))?;
        fs::copy(from.join(path), target)?;
    }
    Ok(())
}

/// New files first, pages last, then away with what is left over.
fn publish(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    let new = files(from)?;
    let is_page = |path: &Path| path.extension().is_some_and(|e| e == "html" || e == "json");
    let (pages, parts): (Vec<_>, Vec<_>) = new.iter().partition(|path| is_page(path));
    for path in parts.into_iter().chain(pages) {
        let target = to.join(path);
        if fs::read(&target).ok() == fs::read(from.join(path)).ok() {
            continue;
        }
        fs::create_dir_all(target.parent().unwrap_or(to))?;
        let beside = target.with_extension("new");
        fs::copy(from.join(path), &beside)?;
        fs::rename(beside, target)?;
    }
    for old in files(to)?.difference(&new) {
        fs::remove_file(to.join(old))?;
    }
    Ok(())
}

/// Every file below, by its path within.
fn files(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in fs::read_dir(&current)? {
            match entry?.path() {
                path if path.is_dir() => folders.push(path),
                path => drop(found.insert(path.strip_prefix(folder)?.to_owned())),
            }
        }
    }
    Ok(found)
}
