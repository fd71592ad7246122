//! What a check is told: domains, ways out, and patience.

use std::path::PathBuf;

use clap::ArgGroup;
use shared::DomainName;

use super::{Output, probe_domain, selector};
use crate::resolver::{Server, system_servers};

#[derive(Debug, clap::Args)]
#[command(group(ArgGroup::new("which").args(["domains", "from"]).required(true).multiple(true)))]
pub(crate) struct Check {
    /// The domains: example.org, müller.example, me@example.org or https://example.org/.
    #[arg(value_name = "DOMAIN")]
    pub(crate) domains: Vec<String>,

    /// Check the domains of this file too, one a line; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,

    /// Check so many domains at once. Hosts are talked to one conversation at a time all the same.
    #[arg(long, short, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) jobs: u16,

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
    /// given up to five times. Of several domains each is asked for the hosts that are its own.
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

    /// Come back to servers that put us off (greylisting): they are asked once more, ten minutes later.
    #[arg(long)]
    pub(crate) patient: bool,

    /// Stop so many seconds after a domain's begin; what is missing then is untested.
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

impl Resolvers {
    /// Those that were named, else those of the system.
    pub(crate) fn servers(&self) -> Vec<Server> {
        if self.resolver.is_empty() { system_servers() } else { self.resolver.clone() }
    }
}
