//! mailsins in a terminal: the same plan, probes and judge as the site, over sockets and DNS of its
//! own.
//!
//! - [`args`] is the command line, [`resolver`] carries DNS, [`fetch`] HTTPS, [`ask`] answers one inquiry,
//!   [`exit`] opens connections to mail servers, [`reached`] knows which of them answered, [`courtesy`] what the domains of a run owe them,
//!   [`crank`] turns plan and evidence until nothing is missing, [`progress`] says what is being
//!   waited for.
//! - [`domains`] reads which domains are meant, [`outcomes`] takes what came of each ([`checked`]), compares it with a
//!   former report ([`reports`]), has it printed ([`formats`], [`summary`]) and says how the run ends.
//! - [`publish`] has a site check and publish, [`sink`] receives what proves a relay, [`spf`] evaluates SPF, [`lint`] marks the faults of a record, [`manual`]
//!   prints completions and manual pages.

mod args;
mod ask;
mod check;
mod checked;
mod clock;
mod courtesy;
mod crank;
mod domains;
mod exit;
mod fetch;
mod formats;
mod lint;
mod manual;
mod outcomes;
mod progress;
mod publish;
mod reached;
mod replay;
mod reports;
mod resolver;
mod sink;
mod site;
mod spf;
mod style;
mod summary;

use std::process::ExitCode;

use args::{Args, Command};

/// How a run ends, from good to bad. The exit code is an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    let end = match Args::read().command {
        Command::Check(check) => check::run(&check),
        Command::Publish(publish) => publish::run(&publish),
        Command::Replay(replay) => replay::run(&replay),
        Command::Spf(spf) => spf::run(&spf),
        Command::Lint(lint) => lint::run(&lint),
        Command::Sink(sink) => sink::run(&sink),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man { dir } => manual::man(dir.as_deref()),
    };
    ExitCode::from(end as u8)
}

/// Tells the user why nothing was done.
fn refuse(end: End, message: &str) -> End {
    eprintln!("mailsins: {}", shared::visible::visible(message));
    end
}
