//! mailsins in a terminal: the same plan, probes and judge as the site, over sockets and DNS of its
//! own.
//!
//! - [`args`] is the command line, [`resolver`] carries DNS, [`fetch`] HTTPS, [`ask`] answers one inquiry,
//!   [`exit`] opens connections to mail servers, [`reached`] knows which of them answered, [`courtesy`] what the domains of a run owe them,
//!   [`crank`] turns plan and evidence until nothing is missing, [`progress`] says what is being
//!   waited for, [`render`] prints the report, [`spf`] evaluates SPF, [`lint`] marks the
//!   faults of a record.

mod args;
mod ask;
mod check;
mod clock;
mod courtesy;
mod crank;
mod exit;
mod fetch;
mod lint;
mod progress;
mod reached;
mod render;
mod replay;
mod resolver;
mod spf;
mod style;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};

/// How a run ends. The exit code is an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Nothing at or above `--fail-on`.
    Clean = 0,
    /// Findings at or above `--fail-on`.
    Found = 1,
    /// The command line, or a file it names, makes no sense.
    Usage = 2,
    /// Nothing can be said: no resolver, nothing seen, cancelled.
    Unable = 3,
}

fn main() -> ExitCode {
    let end = match Args::parse().command {
        Command::Check(check) => check::run(&check),
        Command::Replay(replay) => replay::run(&replay),
        Command::Spf(spf) => spf::run(&spf),
        Command::Lint(lint) => lint::run(&lint),
    };
    ExitCode::from(end as u8)
}

/// Tells the user why nothing was done.
fn refuse(end: End, message: &str) -> End {
    eprintln!("mailsins: {}", shared::visible::visible(message));
    end
}
