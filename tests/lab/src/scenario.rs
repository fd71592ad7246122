//! A scenario is a folder:
//!
//! | file | what |
//! |---|---|
//! | `expect.toml` | [`Expect`]: the domain, and what its report must and must not say |
//! | `zone` | the domain's zone; names without a final dot are relative to the domain. Without it there is no such domain. `{{key mx1}}` stands for the SHA-256 of the key that the server `mx1` shows, `{{key ca}}` for that of the lab's authority |
//! | `dns.toml` | optional [`Dns`]: how the zone is served; unsigned without it |
//! | `reverse` | optional PTR lines, relative to 25.127.in-addr.arpa |
//! | `servers.toml` | optional list of [`Server`]s; without it the scenario is DNS only |
//! | `web.conf` | optional lines of nginx for the host `mta-sts.<domain>`, which has a certificate of the lab unless they name another |
//! | `autoconfig.conf` | the same for the host `autoconfig.<domain>` |
//! | `postfix/<name>/main.cf` | optional parameters that replace those of `postfix/main.cf` |
//! | `postfix/<name>/recipients` | optional list of mailboxes |
//! | `postfix/<name>/aliases` | optional aliases |
//! | `dovecot/<name>/dovecot.conf` | optional settings that replace those of `dovecot/dovecot.conf` |
//! | `exim/<name>/exim.conf` | optional options that replace those of the main section of `exim/exim.conf` |
//! | `opensmtpd/<name>/smtpd.conf` | optional configuration instead of `opensmtpd/smtpd.conf` |
//! | `exim/<name>/aliases`, `opensmtpd/<name>/aliases` | optional aliases instead of those of `exim` and `opensmtpd` |
//! | `courier/<name>/imapd-ssl`, `pop3d-ssl`, `imapd`, `pop3d` | optional settings that replace those of `courier` |
//! | `nginx/<name>/mail.conf` | the servers of a mail proxy, in nginx's words |

use anyhow::{Context, Result};
use serde::Deserialize;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// One scenario as its folder describes it.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Name of the folder.
    pub name: String,
    /// The folder.
    pub path: PathBuf,
    /// What the report must and must not say.
    pub expect: Expect,
    /// How its zone is served.
    pub dns: Dns,
    /// Servers to start; none in a DNS-only scenario.
    pub servers: Vec<Server>,
}

impl Scenario {
    /// The hosts of the domain that are on the web, and what each does, in nginx's words.
    #[must_use]
    pub fn web(&self) -> Vec<(String, String)> {
        let files = [("mta-sts", "web.conf"), ("autoconfig", "autoconfig.conf")];
        let read = |file| std::fs::read_to_string(self.path.join(file)).ok();
        let named = files.map(|(label, file)| read(file).map(|text| (format!("{label}.{}", self.expect.domain), text)));
        named.into_iter().flatten().collect()
    }
}

/// One server of a scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Its name: the folder of its configuration, and its host name within the domain unless `host` says otherwise.
    pub name: String,
    /// Its host name within the domain, where several servers make up one host.
    pub host: Option<String>,
    /// What it runs.
    pub kind: Kind,
    /// Its addresses, all in 127.25.0.0/16.
    pub addresses: Vec<Ipv4Addr>,
    /// TCP ports it answers on.
    pub ports: Vec<u16>,
    /// It holds its greeting back: `up` doesn't wait for it.
    #[serde(default)]
    pub slow: bool,
    /// What it shows in TLS, where its configuration names nothing else.
    #[serde(default)]
    pub certificate: Certificate,
    /// How many seconds it puts strangers off (Postgrey): a day, unless it is said.
    pub delay: Option<u32>,
    /// More that it says in reply to EHLO (aiosmtpd).
    #[serde(default)]
    pub keywords: Vec<String>,
}

/// A server's certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certificate {
    /// Signed by the lab's authority for its host name.
    #[default]
    Good,
    /// Signed by nobody else.
    SelfSigned,
    /// Past its dates.
    Expired,
    /// For another name.
    OtherName,
    /// With an RSA key of 1024 bits.
    Short,
    /// With an RSA key of 2048 bits; the others' are of P-256.
    Rsa,
    /// Signed by an authority that nobody knows.
    Untrusted,
    /// Signed over SHA-1.
    Sha1,
    /// Valid for ten more days.
    Soon,
}

impl Certificate {
    /// All.
    pub const ALL: [Self; 9] = [
        Self::Good,
        Self::SelfSigned,
        Self::Expired,
        Self::OtherName,
        Self::Short,
        Self::Rsa,
        Self::Untrusted,
        Self::Sha1,
        Self::Soon,
    ];

    /// What configurations call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::SelfSigned => "self-signed",
            Self::Expired => "expired",
            Self::OtherName => "other-name",
            Self::Short => "short",
            Self::Rsa => "rsa",
            Self::Untrusted => "untrusted",
            Self::Sha1 => "sha1",
            Self::Soon => "soon",
        }
    }
}

impl Server {
    /// Its host name.
    #[must_use]
    pub fn host_in(&self, domain: &str) -> String {
        format!("{}.{domain}", self.host.as_ref().unwrap_or(&self.name))
    }

    /// Every address with every port.
    #[must_use]
    pub fn sockets(&self) -> Vec<SocketAddr> {
        self.addresses
            .iter()
            .flat_map(|address| self.ports.iter().map(|port| SocketAddr::from((*address, *port))))
            .collect()
    }
}

/// What a server runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A Postfix instance; ports 587 and 465 add its submission services.
    Postfix,
    /// A Dovecot instance: IMAP, POP3 and ManageSieve.
    Dovecot,
    /// An Exim instance; it answers alike on all its ports, and inside TLS on 465.
    Exim,
    /// An OpenSMTPD instance. Its configuration names its ports.
    Opensmtpd,
    /// Courier's IMAP and POP3 servers.
    Courier,
    /// aiosmtpd in an old version, whose STARTTLS can be meddled with.
    Aiosmtpd,
    /// pymap: IMAP and ManageSieve, whose STARTTLS can be meddled with.
    Pymap,
    /// nginx as a proxy of mail servers.
    Nginx,
    /// The greylisting policy server of Debian's package.
    Postgrey,
    /// Neither accepts connections nor refuses them.
    Silent,
}

/// `dns.toml`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dns {
    /// Signatures (DNSSEC).
    pub zone: Signing,
    /// A text in the signed zone, with what takes its place afterwards. Hexadecimal digits are
    /// capitals there, in groups of 56.
    pub alter: Option<(String, String)>,
}

/// Signatures of a zone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signing {
    /// None.
    #[default]
    Unsigned,
    /// Good ones.
    Signed,
    /// Some that were good once.
    Expired,
    /// Nobody serves the zone.
    Dead,
}

/// `expect.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The domain to scan.
    pub domain: String,
    /// Hosts of the domain that whoever asks names.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// DKIM selectors that whoever asks names.
    #[serde(default)]
    pub selectors: Vec<String>,
    /// Scenarios whose servers this one has names for, or whose addresses its own servers have, on purpose.
    #[serde(default)]
    pub shares: Vec<String>,
    /// The grade, where it matters ("A", "F"); "none" means that there must be no letter.
    pub grade: Option<String>,
    /// The exact coverage, 0 to 1.
    pub coverage: Option<f64>,
    /// The coverage is below this.
    pub coverage_below: Option<f64>,
    /// Exactly these sins are mortal.
    pub sins_mortal: Option<Vec<u8>>,
    /// Findings that must be there.
    #[serde(default)]
    pub must: Vec<Pattern>,
    /// Findings that must not be there.
    #[serde(default)]
    pub must_not: Vec<Pattern>,
}

/// Matches a finding; what is left out matches anything.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// The check's id.
    pub check: Option<String>,
    /// The outcome's name.
    pub outcome: Option<String>,
    /// mortal, venial, clean, note or untested.
    pub verdict: Option<String>,
    /// proved or suspected.
    pub confidence: Option<String>,
    /// Host, address or name the finding is about, as the report writes it.
    pub subject: Option<String>,
    /// Who must see it, where the other can't; without it, both. What the two say on this check may
    /// differ then.
    pub by: Option<Driver>,
}

/// Who scans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Driver {
    /// The program `mailsins`.
    Terminal,
    /// The Worker.
    Site,
}

impl Pattern {
    /// Whether a finding with these fields is meant.
    #[must_use]
    pub fn matches(&self, check: &str, outcome: &str, verdict: &str, confidence: &str, subject: &str) -> bool {
        let fits = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|w| w == is);
        fits(&self.check, check)
            && fits(&self.outcome, outcome)
            && fits(&self.verdict, verdict)
            && fits(&self.confidence, confidence)
            && fits(&self.subject, subject)
    }
}

/// All scenarios, sorted by name.
///
/// # Errors
/// A folder without a readable `expect.toml`, or with a malformed file.
pub fn all() -> Result<Vec<Scenario>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| format!("read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.push(load(&path).with_context(|| format!("scenario {}", path.display()))?);
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn load(path: &Path) -> Result<Scenario> {
    #[derive(Default, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Servers {
        server: Vec<Server>,
    }
    let expect = std::fs::read_to_string(path.join("expect.toml")).context("expect.toml")?;
    let servers = match std::fs::read_to_string(path.join("servers.toml")) {
        Ok(text) => toml::from_str(&text).context("servers.toml")?,
        Err(_) => Servers::default(),
    };
    let dns = match std::fs::read_to_string(path.join("dns.toml")) {
        Ok(text) => toml::from_str(&text).context("dns.toml")?,
        Err(_) => Dns::default(),
    };
    Ok(Scenario {
        name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        path: path.to_owned(),
        expect: toml::from_str(&expect).context("expect.toml")?,
        dns,
        servers: servers.server,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_scenario_is_whole() {
        let scenarios = all().unwrap();
        let mut taken = HashSet::new();
        for scenario in &scenarios {
            let name = &scenario.name;
            assert_eq!(scenario.expect.domain, format!("{name}.test"), "the folder names the domain");
            if scenario.dns.zone != Signing::Dead {
                let zone = std::fs::read_to_string(scenario.path.join("zone"));
                assert!(
                    zone.is_ok_and(|zone| zone.contains("SOA")) || name == "nodomain",
                    "{name}: a zone needs its SOA"
                );
            }
            for server in &scenario.servers {
                for address in &server.addresses {
                    assert_eq!(address.octets().get(..2), Some(&[127, 25][..]), "{name}: {address}");
                    for port in &server.ports {
                        assert!(taken.insert((*address, *port)), "{name}: {address}:{port} is taken");
                    }
                }
            }
        }
        assert!(scenarios.iter().any(|s| s.name == "saint"));
    }

    /// Whose scans would otherwise wait for each other, and count each other's refusals.
    #[test]
    fn addresses_are_shared_on_purpose_only() {
        let scenarios = all().unwrap();
        let own = |scenario: &Scenario| -> HashSet<Ipv4Addr> {
            scenario.servers.iter().flat_map(|server| server.addresses.iter().copied()).collect()
        };
        for scenario in &scenarios {
            let zone = std::fs::read_to_string(scenario.path.join("zone")).unwrap_or_default();
            let mut named = addresses(&zone);
            named.extend(own(scenario));
            let of_others =
                scenarios.iter().filter(|other| other.name != scenario.name && !own(other).is_disjoint(&named));
            let others: Vec<&str> = of_others.map(|other| other.name.as_str()).collect();
            let ours = own(scenario).into_iter().map(|address| address.to_string());
            let of_the_lab: Vec<String> =
                ours.filter(|address| crate::up::own_addresses().any(|of| of == address)).collect();
            assert!(of_the_lab.is_empty(), "{}: {of_the_lab:?} are the lab's own", scenario.name);
            assert_eq!(
                others, scenario.expect.shares,
                "{}: its addresses are those of servers of others",
                scenario.name
            );
        }
    }

    /// The addresses that a zone gives to names.
    fn addresses(zone: &str) -> HashSet<Ipv4Addr> {
        let lines = zone.lines().filter(|line| !line.trim_start().starts_with(';'));
        let word = |line: &str| {
            let mut words = line.split_whitespace().skip_while(|word| *word != "A");
            words.nth(1).and_then(|address| address.parse().ok())
        };
        lines.filter_map(word).collect()
    }

    #[test]
    fn addresses_of_a_zone() {
        let zone = "$TTL 3600\nmx1 A 127.25.1.1\n; mx2 A 127.25.1.2\n@ 60 IN A 127.25.1.3\nx AAAA ::1\n@ MX 10 A\n";
        let found: HashSet<Ipv4Addr> = [[127, 25, 1, 1], [127, 25, 1, 3]].map(Ipv4Addr::from).into();
        assert_eq!(addresses(zone), found);
    }
}
