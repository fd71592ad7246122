//! The command line.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand, ValueEnum};
use shared::lint::Kind;
use shared::{DomainName, Verdict};

use crate::resolver::{Server, system_servers};

const EXAMPLES: &str = "\
Examples:
  mailsins check example.org
      A readable report of example.org.
  mailsins check someone@example.org --json > report.json
      A mail address or a URL will do; the report as JSON, with all its evidence.
  mailsins check example.org --fail-on venial --probe-domain our.example
      In CI: exit code 1 if anything should be better.
  mailsins check example.org --resolver 9.9.9.9 --resolver https://dns.example/dns-query
      Ask these resolvers instead of those in /etc/resolv.conf.
  mailsins check example.org --selector 2026a
      Look at the DKIM key that example.org signs with, 2026a._domainkey.example.org.
  mailsins check example.org --host new.example.org
      Look at a new mail server of example.org before its MX record goes live.
  MAILSINS_EGRESS=https://user:password@exit.example:3129 mailsins check example.org
      Go to port 25 through a proxy of yours, where your own network can't.
  mailsins replay report.json
      Judge a saved report again, by this version's rules, without a network.
  mailsins spf example.org --ip 192.0.2.25
      Whether this address may send for example.org, and why.
  mailsins lint dmarc 'v=DMARC1; p=rejct'
      What is wrong with a record, and where.

Exit codes:
  0  nothing at or above --fail-on was found
  1  something was
  2  the command line makes no sense
  3  it could not be checked: no resolver, nothing to be seen, cancelled";

const SPF_EXAMPLES: &str = "\
Examples:
  mailsins spf example.org --ip 192.0.2.25
      The result, the explanation, and the tree of terms with what each costs: [3] is three lookups.
  mailsins spf example.org --ip 2001:db8::25 --sender news@example.org --helo out.example.org --json
      With what the macros of some records look at; as JSON.

Exit codes:
  0  there is a result, whichever
  2  the command line makes no sense
  3  it could not be looked up: no resolver, or it does not answer";

const LINT_EXAMPLES: &str = "\
Examples:
  mailsins lint spf 'v=spf1 ip4:192.0.2.300 include:_spf.example.net -all'
      Each fault under its place.
  mailsins lint dmarc '\"v=DMARC1; p=none\" \"; rua=mailto:dmarc@example.org\"'
      As it stands in a zone file: the strings are joined, and places are those in what you gave.
  dig +short TXT example.org | grep v=spf1 | mailsins lint spf - --json
      One record a line in, one JSON object a line out.
  mailsins lint smtp-banner '220 mx1.example.org ESMTP Postfix 3.7.11 (Debian)'
      What a greeting tells strangers, and which characters do; so for imap-banner and pop3-banner.

JSON:
  Each object has `kind`, `text`, `verdict` and `faults`.
  Those of banners have `discloses` as well: some of product, version, os, internal-name and
  internal-address; `product`, `version` and `os`, or null; and `spans` with `what`, `start`, `end`.
  Each fault has `code`, `message`, `verdict`, `start` and `end`. The last two count
  octets of the text in UTF-8, from 0: characters, where the text is ASCII. What is
  missing starts and ends at one place. Octets that are no UTF-8 become \\xNN first.

Exit codes:
  0  no fault at or above --fail-on
  1  there is one
  2  the command line makes no sense, or a text is longer than 65536 octets";

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

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check a domain and print its report.
    #[command(after_help = EXAMPLES)]
    Check(Check),
    /// Judge a report again from the evidence it carries, without a network.
    #[command(after_help = EXAMPLES)]
    Replay(Replay),
    /// Say by SPF whether an address may send for a domain, and why (RFC 7208).
    #[command(after_help = SPF_EXAMPLES)]
    Spf(Spf),
    /// Name everything that is wrong with a record, each fault with its place; without a network.
    #[command(after_help = LINT_EXAMPLES)]
    Lint(Lint),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The domain: example.org, müller.example, me@example.org or https://example.org/.
    pub(crate) domain: String,

    #[command(flatten)]
    pub(crate) output: Output,

    #[command(flatten)]
    pub(crate) resolvers: Resolvers,

    /// The domain we say we come from: its `probe.` name in EHLO, its `probe@` as sender. Make it a
    /// domain of yours that has MX and SPF and takes bounces: many servers refuse others, and then
    /// there is little to see.
    #[arg(long, value_name = "DOMAIN", env = "MAILSINS_PROBE_DOMAIN", default_value = "mailsins.example", value_parser = probe_domain)]
    pub(crate) probe_domain: DomainName,

    /// Look the mail hosts up in this DNS blocklist; may be given more than once, and three are asked
    /// at most. Lists that refuse your resolver say nothing.
    #[arg(long, value_name = "NAME", env = "MAILSINS_BLOCKLIST", value_delimiter = ',', value_parser = probe_domain)]
    pub(crate) blocklist: Vec<DomainName>,
    /// Look for the DKIM key of this selector too; may be given up to ten times. Without it, only
    /// names that are in common use are tried.
    #[arg(long, value_name = "SELECTOR", value_parser = selector)]
    pub(crate) selector: Vec<String>,

    /// Look at this host of the domain too, such as a new mail server before its MX goes live; may be
    /// given up to five times.
    #[arg(long, value_name = "HOST", value_parser = probe_domain)]
    pub(crate) host: Vec<DomainName>,

    /// Go to port 25 through this proxy, where your provider has closed it; other ports are asked
    /// straight. `https://` is CONNECT inside TLS, `http://` CONNECT in the clear, and user and password
    /// are percent-encoded. Better set the variable: others can see the arguments of a program.
    /// [default: direct]
    #[arg(
        long,
        value_name = "https|http|socks5://user:password@host:port",
        env = "MAILSINS_EGRESS",
        hide_env_values = true
    )]
    pub(crate) egress: Option<String>,

    /// Let loopback and private addresses count as public, to check a server in your own network.
    #[arg(long, env = "MAILSINS_ALLOW_PRIVATE", value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) allow_private: bool,

    /// Trust these authorities (PEM) as well, to check a domain whose mail servers or MTA-STS policy
    /// have certificates of your own.
    #[arg(long, value_name = "PEM", env = "MAILSINS_CA_FILE")]
    pub(crate) ca_file: Option<PathBuf>,

    /// Stop after so many seconds; what is missing then is untested.
    #[arg(long, value_name = "SECONDS", default_value_t = shared::case::SCAN_MS / 1000, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: u64,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Resolvers {
    /// Ask this DNS resolver; may be given more than once. The next one is asked where one can't
    /// be reached. Plain DNS, or DNS over HTTPS (http only on this very machine). [default: those
    /// in /etc/resolv.conf]
    #[arg(long, value_name = "ADDR[:PORT]|https://…", env = "MAILSINS_RESOLVER", value_delimiter = ',')]
    pub(crate) resolver: Vec<Server>,
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
pub(crate) struct Replay {
    /// A report in JSON, from `check --json` or from /r/<id>.json; `-` reads standard input.
    pub(crate) file: PathBuf,

    #[command(flatten)]
    pub(crate) output: Output,
}

/// What both commands print, and when they fail.
#[derive(Debug, clap::Args)]
pub(crate) struct Output {
    /// Print the report as JSON, with all evidence.
    #[arg(long)]
    pub(crate) json: bool,

    /// Fail (exit code 1) if a finding is this bad, or worse.
    #[arg(long, value_enum, value_name = "VERDICT", default_value_t = FailOn::Mortal)]
    pub(crate) fail_on: FailOn,

    /// Say more: clean findings, remedies for all software, and each answer as it comes in.
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// A deadly sin.
    Mortal,
    /// Anything that should be better.
    Venial,
}

impl Resolvers {
    /// Those that were named, else those of the system.
    pub(crate) fn servers(&self) -> Vec<Server> {
        if self.resolver.is_empty() { system_servers() } else { self.resolver.clone() }
    }
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
}
