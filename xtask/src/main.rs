//! # What `./x` runs
//!
//! One table of commands, one file a theme. Everything that is started here is ended here: see
//! [`process`].

use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

mod assets;
mod audit;
mod bench;
mod build;
mod deploy;
mod dev;
mod docs;
mod fmt;
mod fuzz;
mod pip;
mod process;
mod record;
mod schemas;
mod screenshots;
mod setup;
mod site;
mod storms;
mod test;
mod wasm;

/// One command: its name, what it takes, one line, more lines, and what runs it.
struct Command {
    name: &'static str,
    takes: &'static str,
    about: &'static str,
    more: &'static str,
    run: fn(&[&str]) -> Result<()>,
}

const COMMANDS: [Command; 14] = [
    Command {
        name: "dev",
        takes: "[--lab] [--port 8787] [--built] [--state DIR] [--var NAME:VALUE]",
        about: "install what is missing, build, and serve the site",
        more: "Storage is embedded and kept in .wrangler/state. With --lab the site talks to the lab's name\n\
               and mail servers instead of the world's, and may reach their loopback addresses. --built serves what\n\
               was built last, in a lab that is up; --state keeps storage elsewhere; --var sets a variable of the site.",
        run: dev::run,
    },
    Command {
        name: "test",
        takes: "[--quick | --only SUITE…]",
        about: "everything that must be green: what CI runs",
        more: "--quick leaves out all that needs a built site, the lab or a browser. --only runs suites of tests/tests, such as\n\
               `browser`, over the site that was built last.",
        run: test::run,
    },
    Command {
        name: "lab",
        takes: "up|down|env|status|record",
        about: "real name and mail servers on loopback addresses, to scan",
        more: "up      installs what is missing, starts every server and waits until it answers (needs root)\n\
               down    ends them and removes their addresses\n\
               env     prints the exports under which `mailsins check saint.test` asks the lab\n\
               status  what runs, and where its logs are\n\
               record  scans it and keeps the reports that the site shows as examples and the tests replay",
        run: record::lab,
    },
    Command {
        name: "build",
        takes: "[--lab]",
        about: "build the site: frontend/dist and worker/build",
        more: "--lab builds a Worker that may probe loopback addresses, into worker/build-lab: never deploy it.",
        run: build::run,
    },
    Command {
        name: "docs",
        takes: "",
        about: "write what is generated: pages of docs/, the OpenAPI document, the pages of the API",
        more: "`./x test` fails while they are not current.",
        run: docs::run,
    },
    Command {
        name: "deploy",
        takes: "[--dry-run]",
        about: "build the site and send it to Cloudflare",
        more: "Applies the database's migrations first. With --dry-run nothing is sent, and no account is needed.\n\
               docs/self-hosting.md says what has to be there before.",
        run: deploy::run,
    },
    Command {
        name: "screenshots",
        takes: "",
        about: "take the pictures of docs/images",
        more: "Builds the site for the lab, brings the lab up, and takes the pages in a real browser: in both colour\n\
               schemes, 375 pixels wide, and as they are printed.",
        run: screenshots::run,
    },
    Command {
        name: "fuzz",
        takes: "[--minutes 5] [TARGET]",
        about: "libFuzzer over everything that reads what strangers send",
        more: "All targets get equal shares of the time. What it finds on the way is kept in target/fuzz, and a crash\n\
               makes it fail; the input of one that was mended belongs into fuzz/corpus, where `./x test` runs it.",
        run: fuzz::run,
    },
    Command {
        name: "bench",
        takes: "[--quick] [--only PART]",
        about: "how quick it is: one table, all measured in one run",
        more: "Builds the site for the lab, brings the lab up (needs root), and asks other tools for the same facts.\n\
               --quick leaves those out and measures briefly. Parts: pure, wasm, site, scans.\n\
               docs/performance.md keeps what it said, and says how it is measured.",
        run: bench::run,
    },
    Command {
        name: "faults",
        takes: "[--rounds 12] [PART]",
        about: "break what the site leans on while it works: kill, storage, network, clock, migration",
        more: "Builds the site for the lab, and kills its workerd at random moments; makes storage, resolvers and the exit\n\
               fail, slow down and lie; turns the clock; changes the database under it. Prints what was promised and\n\
               what was seen. A PART runs alone; --rounds says how often workerd is killed.",
        run: storms::faults,
    },
    Command {
        name: "load",
        takes: "[--scans 300] [--reads 5000] [--minutes 20]",
        about: "hundreds of scans at once, thousands of badges, and a soak",
        more: "Against the lab. Prints latencies, what the targets got, and the memory of workerd over the soak, which takes\n\
               --minutes; 0 leaves it out.",
        run: storms::load,
    },
    Command {
        name: "audit",
        takes: "",
        about: "licences, sources and known advisories of what we depend on",
        more: "deny.toml holds the rules; `./x test` holds those that need no network. Fails where an advisory is known, and\n\
               where a database of advisories cannot be reached.",
        run: audit::run,
    },
    Command { name: "fmt", takes: "", about: "format the code", more: "", run: fmt::run },
    Command {
        name: "setup",
        takes: "",
        about: "install the build tools only",
        more: "They go to ~/.cache/mailsins (or $XDG_CACHE_HOME) and to node_modules; what is there is kept.",
        run: setup::run,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let wants_help = arguments.iter().any(|a| ["--help", "-h", "help"].contains(a));
    let command = arguments.first().and_then(|name| COMMANDS.iter().find(|c| c.name == *name));
    let (command, rest) = match (command, arguments.as_slice()) {
        (Some(command), [_, rest @ ..]) if !wants_help => (command, rest),
        (Some(command), _) => {
            println!("./x {} {}\n\n{}\n{}", command.name, command.takes, command.about, command.more);
            return ExitCode::SUCCESS;
        }
        (None, []) => {
            help();
            return ExitCode::from(2);
        }
        (None, _) if wants_help => {
            help();
            return ExitCode::SUCCESS;
        }
        (None, [unknown, ..]) => {
            eprintln!("No command `{unknown}`.\n");
            help();
            return ExitCode::from(2);
        }
    };
    if let Some(unknown) = rest.iter().find(|a| a.starts_with("--") && !command.takes.contains(*a)) {
        eprintln!("./x {} takes no {unknown}: ./x {} {}", command.name, command.name, command.takes);
        return ExitCode::from(2);
    }
    let done = process::handle_signals().and_then(|()| (command.run)(rest));
    process::end_all();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // `./x test` has said it all: its summary is the last line.
            if !error.is::<test::Failed>() {
                eprintln!("\nerror: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}

fn help() {
    println!("mailsins: ./x COMMAND\n");
    for command in &COMMANDS {
        // What takes much is explained by its own help.
        let takes = if command.takes.len() > 30 { "[…]" } else { command.takes };
        println!("  {:<12}{takes:<31}{}", command.name, command.about);
    }
    println!("\n./x COMMAND --help says more.");
}

/// The workspace's folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_owned()
}

/// Where cargo builds for this machine; builds with other targets and features have folders in it.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}
