//! What the operator of a site sets.

use probe::egress::Egress;
use probe::rest::{REST, Rest};
use probe::tls::Authorities;
use shared::DomainName;
use worker::{Env, Request};

use crate::notify::Key;
use crate::problem::{Kind, Refusal};

/// Addresses of one network that may be asked in a day, unless `NETWORK_CAP` says otherwise.
const NETWORK_CAP: u32 = 64;

const RESOLVERS: &str = "https://cloudflare-dns.com/dns-query,https://dns.google/dns-query";

/// Cloudflare's Email Routing.
const MAIL_RECEIVER: &str = "cloudflare-email.net";

const PROBE_DOMAIN: &str = "mailsins.example";

/// The rest that hosts get. The lab's is short, unless `LAB_REST` says `production`: nothing else changes it.
pub fn rest(env: &Env) -> Rest {
    let short = cfg!(feature = "lab") && var(env, "LAB_REST").as_deref() != Some("production");
    if short { Rest { answered: 15_000, failed: 5_000 } } else { REST }
}

/// How long scans, batches and tests of outgoing mail are remembered, in milliseconds.
pub fn day_ms(env: &Env) -> u64 {
    kept(env, 24 * 3_600_000)
}

/// How long an unlisted report is kept, in milliseconds.
pub fn year_ms(env: &Env) -> u64 {
    kept(env, 365 * 24 * 3_600_000)
}

/// In the lab `LAB_KEPT`, in milliseconds, stands for all of them: nothing else changes it.
fn kept(env: &Env, usual: u64) -> u64 {
    let short = var(env, "LAB_KEPT").filter(|_| cfg!(feature = "lab"));
    short.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// How long a domain's record counts as it was last read, in milliseconds.
pub const STANDING_MS: u64 = if cfg!(feature = "lab") { 1_000 } else { 3_600_000 };

/// When a message with a code that was put off is tried again, in milliseconds: greylisting waits five minutes.
pub const LETTER_AGAIN_MS: u64 = if cfg!(feature = "lab") { 2_000 } else { 11 * 60_000 };

/// How many messages with a code one address gets in a day, whoever asks: domains of many can name it.
pub const LETTERS_MAX: u32 = if cfg!(feature = "lab") { 8 } else { 50 };

/// How long a message to a one-time address is waited for, in milliseconds.
pub const ARRIVAL_MS: u64 = if cfg!(feature = "lab") { 15_000 } else { 600_000 };

/// How long after a report the next one is made, in milliseconds.
pub const RECHECK_MS: u64 = if cfg!(feature = "lab") { 3_000 } else { 7 * 24 * 3_600_000 };

/// Why a setting is of no use: its name and what it should say.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub struct BadSetting(&'static str, &'static str);

impl From<BadSetting> for Refusal {
    fn from(BadSetting(name, should): BadSetting) -> Self {
        Self::saying(Kind::Misconfigured, format!("The setting {name} of this site is of no use: {should}."))
    }
}

/// The DoH resolvers (`RESOLVERS`), in order.
pub fn resolvers(env: &Env) -> Result<Vec<String>, BadSetting> {
    read_resolvers(var(env, "RESOLVERS").as_deref().unwrap_or(RESOLVERS))
}

/// The site's own domain (`PROBE_DOMAIN`).
pub fn probe_domain(env: &Env) -> Result<DomainName, BadSetting> {
    let text = var(env, "PROBE_DOMAIN");
    DomainName::new(text.as_deref().unwrap_or(PROBE_DOMAIN))
        .map_err(|_| BadSetting("PROBE_DOMAIN", "it must be a domain name"))
}

/// The host that the site is reached at, which consent records name (`SITE_HOST`): the site's own domain, unless it is
/// said.
pub fn site_host(env: &Env) -> Result<DomainName, BadSetting> {
    match var(env, "SITE_HOST") {
        Some(text) => DomainName::new(&text).map_err(|_| BadSetting("SITE_HOST", "it must be a host name")),
        None => probe_domain(env),
    }
}

/// The site's own address, for what nobody asked for, without a trailing slash.
pub fn origin(env: &Env) -> Result<String, BadSetting> {
    Ok(format!("https://{}", site_host(env)?))
}

/// The site's own address, for links in what it sends: not the name by which somebody happened to reach it. The lab's site
/// is at a port, which no setting says.
pub fn origin_for(env: &Env, request: &Request) -> Result<String, Refusal> {
    Ok(if cfg!(feature = "lab") { request.url()?.origin().ascii_serialization() } else { origin(env)? })
}

/// Where operators who found us in their logs reach who runs the site (`CONTACT`): the names of RFC 2142 at the site's own
/// domain, unless it is said.
pub fn contact(env: &Env) -> Result<String, BadSetting> {
    match var(env, "CONTACT") {
        Some(text) => Ok(text),
        None => probe_domain(env).map(|domain| format!("abuse@{domain} or postmaster@{domain}")),
    }
}

/// The name behind `by` in the Received field that the service which takes mail for us writes on top (`MAIL_RECEIVER`).
pub fn mail_receiver(env: &Env) -> String {
    var(env, "MAIL_RECEIVER").unwrap_or_else(|| MAIL_RECEIVER.to_owned())
}

/// The receiving host that proves a relay.
pub struct Sink {
    /// The domain of its one-time addresses (`SINK_DOMAIN`).
    pub domain: DomainName,
    /// What it signs with (`SINK_SECRET`).
    pub secret: String,
}

/// The receiving host, if the site has one.
pub fn sink(env: &Env) -> Result<Option<Sink>, BadSetting> {
    let Some(domain) = var(env, "SINK_DOMAIN") else { return Ok(None) };
    let domain = DomainName::new(&domain).map_err(|_| BadSetting("SINK_DOMAIN", "it must be a domain name"))?;
    let secret = var(env, "SINK_SECRET").filter(|secret| secret.len() >= probe::arrival::SECRET_MIN);
    let secret = secret.ok_or(BadSetting("SINK_SECRET", "it must have 32 characters at least"))?;
    Ok(Some(Sink { domain, secret }))
}

/// The DNS blocklists to ask (`BLOCKLISTS`), or none.
pub fn blocklists(env: &Env) -> Result<Vec<DomainName>, BadSetting> {
    read_blocklists(var(env, "BLOCKLISTS").as_deref().unwrap_or_default())
}

/// How probes leave (`PROBE_EGRESS`).
pub fn egress(env: &Env) -> Result<Egress, BadSetting> {
    read_egress(var(env, "PROBE_EGRESS").as_deref(), cfg!(feature = "lab"))
}

/// The key that signs what is posted to domains' own servers (the secret `NOTIFY_KEY`); without it nothing is.
pub fn notify_key(env: &Env) -> Result<Option<Key>, BadSetting> {
    let read = |text: String| Key::read(&text).ok_or(BadSetting("NOTIFY_KEY", "it must be 64 hexadecimal digits"));
    var(env, "NOTIFY_KEY").map(read).transpose()
}

/// Whether port 25 is closed to us as it is on the platform's edge (`LAB_PORT_25`, set to `prohibited`): only in
/// the lab's build, which runs where it is open.
pub fn is_port_25_prohibited(env: &Env) -> bool {
    cfg!(feature = "lab") && var(env, "LAB_PORT_25").as_deref() == Some("prohibited")
}

/// How many new addresses of one network may be asked in a day (`NETWORK_CAP`).
pub fn network_cap(env: &Env) -> u32 {
    var(env, "NETWORK_CAP").and_then(|text| text.parse().ok()).unwrap_or(NETWORK_CAP)
}

/// Authorities to trust besides the widely trusted ones (`LAB_AUTHORITIES`, in PEM): only in the
/// lab's build.
pub fn authorities(env: &Env) -> Authorities {
    let pem = var(env, "LAB_AUTHORITIES").filter(|_| cfg!(feature = "lab"));
    Authorities::from_pem(pem.unwrap_or_default().as_bytes())
}

fn var(env: &Env, name: &str) -> Option<String> {
    env.var(name).ok().map(|value| value.to_string()).filter(|text| !text.is_empty())
}

fn read_resolvers(text: &str) -> Result<Vec<String>, BadSetting> {
    let urls: Vec<String> = text.split(',').map(|url| url.trim().to_owned()).filter(|url| !url.is_empty()).collect();
    let good = |url: &String| url.starts_with("https://") || url.starts_with("http://");
    if urls.is_empty() || !urls.iter().all(good) {
        return Err(BadSetting("RESOLVERS", "it must be one or more DNS-over-HTTPS URLs, separated by commas"));
    }
    Ok(urls)
}

fn read_blocklists(text: &str) -> Result<Vec<DomainName>, BadSetting> {
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    names
        .map(|name| DomainName::new(name).map_err(|_| BadSetting("BLOCKLISTS", "it must be names of DNS blocklists")))
        .collect()
}

/// `clear` admits a password that goes through the network in the clear.
fn read_egress(text: Option<&str>, clear: bool) -> Result<Egress, BadSetting> {
    let bad = |should| BadSetting("PROBE_EGRESS", should);
    match Egress::read(text.unwrap_or("direct")).map_err(bad)? {
        Egress::Through(proxy) if !clear && !proxy.is_confidential() => {
            Err(bad("http:// and socks5:// are for proxies on this very machine, others need https://"))
        }
        egress => Ok(egress),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings() {
        assert_eq!(read_resolvers(RESOLVERS).map(|urls| urls.len()), Ok(2));
        assert_eq!(read_resolvers("http://127.0.0.1:8053/dns-query, ").map(|urls| urls.len()), Ok(1));
        assert!(read_resolvers("").is_err() && read_resolvers("9.9.9.9").is_err());
        assert_eq!(read_blocklists("bl.example.org, dnsbl.example.net").map(|lists| lists.len()), Ok(2));
        assert_eq!(read_blocklists(""), Ok(Vec::new()));
        assert!(read_blocklists("https://bl.example.org/").is_err());
    }

    #[test]
    fn ways_out() {
        let reads = |text: &str, clear| read_egress(Some(text), clear).is_ok_and(|egress| egress != Egress::Direct);
        assert_eq!(read_egress(None, false), Ok(Egress::Direct));
        assert_eq!(read_egress(Some("direct"), false), Ok(Egress::Direct));
        for (text, in_production) in [
            ("https://me:s3cret@exit.example:3129", true),
            ("http://me:s3cret@127.0.0.1:3128", true),
            ("socks5://me:s3cret@[::1]:1080", true),
            ("http://me:s3cret@exit.example:3128", false),
            ("socks5://me:s3cret@192.0.2.1:1080", false),
        ] {
            assert!(reads(text, true) && reads(text, false) == in_production, "{text}");
        }
        assert!(read_egress(Some("https://me@exit.example"), true).is_err());
        assert!(read_egress(Some("none"), true).is_err());
    }
}
