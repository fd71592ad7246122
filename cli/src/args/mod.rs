//! The command line.

mod check;
mod examples;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, Resettable, TypedValueParser};
use clap::{Arg, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use shared::lint::Kind;
use shared::{DomainName, Verdict};

pub(crate) use check::{Check, Resolvers};
use examples::{
    CHECK_EXAMPLES, COMPLETIONS_EXAMPLES, EXAMPLES, EXIT_CODES, LINT_EXAMPLES, MAN_EXAMPLES, PUBLISH_EXAMPLES,
    REPLAY_EXAMPLES, SINK_EXAMPLES, SPF_EXAMPLES,
};

/// Checks a mail domain for the seven deadly sins of mail server misconfiguration.
///
/// It asks DNS and the domain's mail servers what any sender could ask. It never sends a message,
/// never logs in, and stops long before it is a nuisance.
#[derive(Debug, Parser)]
#[command(name = "mailsins", version, after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// Reads the command line, or ends the program. An empty variable is none: CI sets those of missing secrets so.
    pub(crate) fn read() -> Self {
        let is_empty = |arg: &Arg| arg.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty());
        let without = |arg: Arg| if is_empty(&arg) { arg.env(Resettable::Reset) } else { arg };
        let program = Self::command().mut_subcommands(|command| command.mut_args(without));
        Self::from_arg_matches(&program.get_matches()).unwrap_or_else(|error| error.exit())
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check domains and print their reports.
    #[command(after_help = format!("{CHECK_EXAMPLES}\n{EXIT_CODES}"))]
    Check(Box<Check>),
    /// Have a site check a domain, and publish the report there.
    #[command(after_help = PUBLISH_EXAMPLES)]
    Publish(Publish),
    /// Judge a report again from the evidence it carries, without a network.
    #[command(after_help = format!("{REPLAY_EXAMPLES}\n{EXIT_CODES}"))]
    Replay(Replay),
    /// Say by SPF whether an address may send for a domain, and why (RFC 7208).
    #[command(after_help = SPF_EXAMPLES)]
    Spf(Spf),
    /// Name everything that is wrong with a record, each fault with its place; without a network.
    #[command(after_help = LINT_EXAMPLES)]
    Lint(Lint),
    /// Run the receiving host of a site of your own, which proves that a relay relays.
    #[command(after_help = SINK_EXAMPLES)]
    Sink(Sink),
    /// Print what makes a shell complete this program's commands and options.
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page, or write those of all commands.
    #[command(after_help = MAN_EXAMPLES)]
    Man {
        /// Write a page for this program and one for each command into this folder.
        #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
        dir: Option<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Spf {
    /// The domain whose SPF record counts.
    pub(crate) domain: String,

    /// The address that sends.
    #[arg(long, value_name = "ADDR")]
    pub(crate) ip: IpAddr,

    /// The sender in MAIL FROM; "" for the null sender. [default: postmaster at the domain]
    #[arg(long)]
    pub(crate) sender: Option<String>,

    /// The name in HELO or EHLO. [default: the domain]
    #[arg(long)]
    pub(crate) helo: Option<String>,

    #[command(flatten)]
    pub(crate) resolvers: Resolvers,

    /// Print `result`, `lookups`, `voids`, `explanation` and `tree` as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Lint {
    /// What the text is.
    #[arg(value_parser = kinds())]
    pub(crate) kind: Kind,

    /// The text, with or without the quotes of a zone file. `-` or nothing reads standard input:
    /// one record a line, one banner a line, or one whole MTA-STS policy.
    pub(crate) text: Option<String>,

    /// Print one JSON object a text, each on a line of its own.
    #[arg(long)]
    pub(crate) json: bool,

    /// Fail (exit code 1) if a fault is this bad, or worse.
    #[arg(long, value_enum, value_name = "VERDICT", default_value_t = FailOn::Mortal)]
    pub(crate) fail_on: FailOn,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Publish {
    /// The domain: example.org, müller.example, me@example.org or https://example.org/.
    pub(crate) domain: String,

    /// The site that checks and publishes (http only on this very machine).
    #[arg(long, value_name = "URL", env = "MAILSINS_SITE", value_hint = ValueHint::Url)]
    pub(crate) site: String,

    /// Look for the DKIM key of this selector too; may be given up to ten times.
    #[arg(long, value_name = "SELECTOR", value_parser = selector)]
    pub(crate) selector: Vec<String>,

    /// Look at this host of the domain too; may be given up to five times.
    #[arg(long, value_name = "HOST", value_parser = probe_domain)]
    pub(crate) host: Vec<DomainName>,

    /// Take what the site saw for others who said so too, if that is not older than so many seconds; and let it serve
    /// others. Without it the site looks anew.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(..=i64::from(shared::api::MAX_AGE)))]
    pub(crate) max_age: Option<u32>,

    /// Trust these authorities (PEM) as well, for a site with a certificate of your own.
    #[arg(long, value_name = "PEM", env = "MAILSINS_CA_FILE", value_hint = ValueHint::FilePath)]
    pub(crate) ca_file: Option<PathBuf>,

    /// Print `id`, `url`, `badge` and `delete_key` as JSON.
    #[arg(long)]
    pub(crate) json: bool,

    /// Don't tell how far it is.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Sink {
    /// Where to listen.
    #[arg(long, value_name = "ADDR:PORT", default_value = "0.0.0.0:25")]
    pub(crate) listen: SocketAddr,

    /// The domain of the one-time addresses; its MX leads here and nowhere else.
    #[arg(long, value_name = "DOMAIN", value_parser = probe_domain)]
    pub(crate) domain: DomainName,

    /// The site that waits for what arrives (http only on this very machine).
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) post: String,

    /// A file with the secret that the site knows as SINK_SECRET, of 32 characters at least.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) secret_file: PathBuf,

    /// Trust these authorities (PEM) as well, for a site with a certificate of your own.
    #[arg(long, value_name = "PEM", env = "MAILSINS_CA_FILE", value_hint = ValueHint::FilePath)]
    pub(crate) ca_file: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Replay {
    /// Reports in JSON, from `check --format json` or from /r/<id>.json; `-` reads standard input.
    pub(crate) file: PathBuf,

    #[command(flatten)]
    pub(crate) output: Output,
}

/// What both commands print, and when they fail.
#[derive(Debug, clap::Args)]
pub(crate) struct Output {
    /// Print in this format.
    #[arg(long, short, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,

    /// The same as --format json.
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,

    /// Write to this file rather than to standard output.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Fail (exit code 1) if a finding is this bad, or worse.
    #[arg(long, value_enum, value_name = "VERDICT", default_value_t = FailOn::Mortal)]
    pub(crate) fail_on: FailOn,

    /// Fail only on what is new or worse since these reports (JSON), and say what changed; may be given more
    /// than once. Of two reports of one domain the younger counts.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Vec<PathBuf>,

    /// Say less: a line a domain as text, and nothing while it runs.
    #[arg(long, short, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Say more: clean findings, remedies for all software, and each answer of a check as it comes in.
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

impl Output {
    pub(crate) const fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// With all evidence, to be kept and judged again.
    Json,
    /// For tickets and wikis.
    Markdown,
    /// For code scanners (SARIF 2.1.0).
    Sarif,
    /// For CI servers (JUnit XML).
    Junit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// A deadly sin.
    Mortal,
    /// Anything that should be better.
    Venial,
}

impl FailOn {
    pub(crate) const fn verdict(self) -> Verdict {
        match self {
            Self::Mortal => Verdict::Mortal,
            Self::Venial => Verdict::Venial,
        }
    }
}

/// One selector; that there are not too many is seen later.
fn selector(text: &str) -> Result<String, String> {
    shared::case::selectors(&[text.to_owned()]).map(|_| text.to_owned())
}

fn kinds() -> impl TypedValueParser<Value = Kind> {
    let names = Kind::ALL.iter().map(|kind| kind.name());
    PossibleValuesParser::new(names).try_map(|name| Kind::named(&name).ok_or("there is no such kind"))
}

fn probe_domain(text: &str) -> Result<DomainName, String> {
    let name = DomainName::new(text).map_err(|why| why.to_string())?;
    if name.is_host() && name.labels() > 1 {
        Ok(name)
    } else {
        Err("it is not a host name such as example.org".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn the_reference_is_current() {
        let page = reference();
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
        if std::env::var_os("MAILSINS_WRITE_DOCS").is_some() {
            std::fs::write(&file, &page).unwrap();
        }
        let there = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(there == page, "docs/cli.md is not current: run `./x docs`");
    }

    /// docs/cli.md: what `--help` says of each command.
    fn reference() -> String {
        let mut page = "<!-- Generated from cli/src/args by `./x docs`. Edit the source, not this page. -->\n\n\
            # mailsins in the terminal\n"
            .to_owned();
        let mut program = Args::command().term_width(100);
        program.build();
        let mut section = |heading: &str, command: &clap::Command| {
            let mut command = command.clone().mut_args(|arg| arg.hide_env_values(true));
            let help = command.render_long_help().to_string();
            let help: Vec<&str> = help.lines().map(str::trim_end).collect();
            page += &format!("\n## {heading}\n\n```text\n{}\n```\n", help.join("\n").trim_end());
        };
        section("mailsins", &program);
        for command in program.get_subcommands().filter(|command| command.get_name() != "help") {
            section(&format!("mailsins {}", command.get_name()), command);
        }
        page
    }
}
