//! Where people reach their mail and hand it in: the hosts that mail programs find, and what these
//! say.

use std::net::IpAddr;

use super::dkim::is_of_wildcard;
use super::{ADDRESSES_MAX, Facts, Host};
use crate::evidence::{DnsAnswer, LineSession, Record, Target};
use crate::inquiry::{RecordType, Script};
use crate::net::is_admitted;
use crate::syntax::{autoconfig, consent};
use crate::{DomainName, HttpsUrl, Inquiry, Unseen};

/// The port of IMAP.
pub const IMAP: u16 = 143;
/// The port of POP3.
pub const POP: u16 = 110;
/// The port of IMAP in TLS from the start.
pub const IMAPS: u16 = 993;
/// The port of POP3 in TLS from the start.
pub const POPS: u16 = 995;
/// The port of ManageSieve.
pub const SIEVE: u16 = 4190;

/// The services that mail programs look up (RFC 6186 section 3, RFC 8314 section 5.1, RFC 5804
/// section 1.8), and last one that Exchange's look up.
pub const SERVICES: [&str; 8] =
    ["_submissions", "_submission", "_imaps", "_imap", "_pop3s", "_pop3", "_sieve", AUTODISCOVER];

/// Names a web server that knows the mail servers, not a mail server.
pub const AUTODISCOVER: &str = "_autodiscover";

/// What mail servers are called where nothing says so.
pub const GUESSES: [&str; 5] = ["imap", "pop", "pop3", "mail", "smtp"];

/// The most names of client hosts that are asked.
pub const CLIENTS_MAX: usize = 6;

/// The most records of one service that are looked at.
const SRV_MAX: usize = 2;

/// Why a host may be one that people use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The person who asks named it.
    Named,
    /// The domain tells mail programs of it: by an SRV record, or in its autoconfig.
    Told,
    /// It is a mail exchanger of the domain's own.
    Mx,
    /// Only its name speaks for it.
    Guessed,
}

/// An address where people may reach their mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Names and address.
    pub host: Host,
    /// What speaks for the first of the names.
    pub source: Source,
}

/// One record of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Srv<'a> {
    /// Lower is tried first.
    pub priority: u16,
    /// The host; the root, where the service is not offered.
    pub target: &'a Target,
}

impl<'a> Facts<'a> {
    /// Where the record of a service stands.
    pub fn srv_name(&self, service: &str) -> Option<DomainName> {
        self.domain().under(&format!("{service}._tcp"))
    }

    /// A name below the domain that stands nowhere, unless a wildcard answers.
    pub fn made_up_name(&self) -> Option<DomainName> {
        self.domain().under(&format!("mailsins-{}", self.case.nonce))
    }

    /// A service that nobody offers.
    pub fn made_up_service(&self) -> Option<DomainName> {
        self.srv_name(&format!("_mailsins-{}", self.case.nonce))
    }

    /// The records of a service, the preferred first, at most [`SRV_MAX`]; none where a wildcard
    /// answered.
    pub fn srv(&self, service: &str) -> Result<Vec<Srv<'a>>, Unseen> {
        let answer = self.dns(&self.srv_name(service).ok_or(Unseen::NoBase)?, RecordType::Srv)?;
        if answer.records.is_empty() || self.is_wild(answer, self.made_up_service(), RecordType::Srv)? {
            return Ok(Vec::new());
        }
        let mut found: Vec<(u16, std::cmp::Reverse<u16>, &Target)> = answer
            .records
            .iter()
            .filter_map(|record| match record {
                Record::Srv { priority, weight, target, .. } => Some((*priority, std::cmp::Reverse(*weight), target)),
                _ => None,
            })
            .collect();
        found.sort();
        found.truncate(SRV_MAX);
        Ok(found.into_iter().map(|(priority, _, target)| Srv { priority, target }).collect())
    }

    fn is_wild(&self, answer: &DnsAnswer, made_up: Option<DomainName>, record: RecordType) -> Result<bool, Unseen> {
        Ok(is_of_wildcard(answer, self.dns(&made_up.ok_or(Unseen::NoBase)?, record)?))
    }

    /// The names of hosts that people may use, the surest first, at most [`CLIENTS_MAX`]. An error
    /// while something is open that could put other names there.
    pub fn client_names(&self) -> Result<&[(DomainName, Source)], Unseen> {
        let names = self.client_names.get_or_init(|| self.work_out_names());
        names.as_deref().map_err(|why| *why)
    }

    fn work_out_names(&self) -> Result<Vec<(DomainName, Source)>, Unseen> {
        let named = self.case.options.hosts.iter().filter(|host| host.is_within(self.domain()));
        let mut names: Vec<(DomainName, Source)> = named.map(|host| (host.clone(), Source::Named)).collect();
        match self.takes_mail() {
            Some(true) => self.found_names(&mut names)?,
            Some(false) => {}
            None => settled(self.route().map(drop))?,
        }
        let mut unique: Vec<(DomainName, Source)> = Vec::new();
        for (name, source) in names {
            if !unique.iter().any(|(known, _)| *known == name) {
                unique.push((name, source));
            }
        }
        unique.truncate(CLIENTS_MAX);
        Ok(unique)
    }

    fn found_names(&self, names: &mut Vec<(DomainName, Source)>) -> Result<(), Unseen> {
        for service in SERVICES.into_iter().filter(|service| *service != AUTODISCOVER) {
            let records = self.srv(service);
            settled(records.as_ref().map(drop).map_err(|why| *why))?;
            for record in records.iter().flatten() {
                if let Target::Name(name) = record.target
                    && name.labels() > 1
                {
                    names.push((name.clone(), Source::Told));
                }
            }
        }
        for place in self.autoconfig_places()? {
            let servers = self.autoconfig(&place);
            settled(servers.as_ref().map(drop).map_err(|why| *why))?;
            names.extend(servers.into_iter().flatten().map(|server| (server.host, Source::Told)));
        }
        let own = self.targets().into_iter().filter(|target| target.is_within(self.domain()));
        names.extend(own.map(|target| (target, Source::Mx)));
        for name in self.guesses() {
            let answer = self.dns(&name, RecordType::A);
            let wild = answer.and_then(|answer| self.is_wild(answer, self.made_up_name(), RecordType::A));
            settled(wild.map(drop))?;
            if wild == Ok(false) && answer.is_ok_and(|answer| !answer.records.is_empty()) {
                names.push((name, Source::Guessed));
            }
        }
        Ok(())
    }

    /// Where the document of autoconfig may be: on hosts that have an address, not by a wildcard alone. An error
    /// while something is open that could lead to one.
    pub fn autoconfig_places(&self) -> Result<Vec<HttpsUrl>, Unseen> {
        let mut places = Vec::new();
        // Whose operator wants no probes is not asked on the web either.
        let word = consent::name(self.domain()).map(|name| self.dns(&name, RecordType::Txt));
        if let Some(word) = word {
            settled(word.map(drop))?;
            if word.is_ok_and(consent::forbids) {
                return Ok(places);
            }
        }
        let own = self.domain().under("autoconfig");
        for (host, path) in own.into_iter().chain([self.domain().clone()]).zip(autoconfig::PATHS) {
            let answer = self.dns(&host, RecordType::A);
            settled(answer.map(drop))?;
            let Ok(answer) = answer else { continue };
            let wild = host != *self.domain() && {
                let wild = self.is_wild(answer, self.made_up_name(), RecordType::A);
                settled(wild.map(drop))?;
                wild != Ok(false)
            };
            if !answer.records.is_empty() && !wild {
                places.extend(HttpsUrl::of(&host, path));
            }
        }
        Ok(places)
    }

    /// The servers that autoconfig names there; none where there is no such document.
    pub fn autoconfig(&self, place: &HttpsUrl) -> Result<Vec<autoconfig::Server>, Unseen> {
        use Unseen::{Closed, ConnectTimeout, FetchFailed, Refused, ReplyTimeout, Reset, Unreachable};
        let document = match self.fetched(place) {
            // Programs do not get it either.
            Err(Refused | ConnectTimeout | Unreachable | Reset | Closed | ReplyTimeout | FetchFailed) => {
                return Ok(Vec::new());
            }
            other => other?,
        };
        let document = document.ok().filter(|document| document.status == 200 && !document.truncated);
        Ok(document.and_then(|document| autoconfig::read(&document.body, self.domain())).unwrap_or_default())
    }

    /// The names that mail servers usually have; what has no IPv4 address at one is not looked for.
    pub fn guesses(&self) -> impl Iterator<Item = DomainName> {
        GUESSES.into_iter().filter_map(|label| self.domain().under(label))
    }

    /// The addresses where people may reach their mail, besides at most [`ADDRESSES_MAX`] with those
    /// of the MX hosts; and whether there are more.
    pub fn clients(&self) -> &(Vec<Client>, bool) {
        self.clients.get_or_init(|| self.work_out_clients())
    }

    fn work_out_clients(&self) -> (Vec<Client>, bool) {
        let (mx, _) = self.known_hosts();
        let mut others = mx.len();
        let mut more = false;
        let mut clients: Vec<Client> = Vec::new();
        for (name, source) in self.client_names().unwrap_or_default() {
            for address in self.addresses(name).unwrap_or_default() {
                if !is_admitted(address, self.case.admit_private) {
                    continue;
                }
                if let Some(client) = clients.iter_mut().find(|client| client.host.address == address) {
                    if !client.host.names.contains(name) {
                        client.host.names.push(name.clone());
                    }
                    continue;
                }
                let known = mx.iter().any(|host| host.address == address);
                if !known && others == ADDRESSES_MAX {
                    more = true;
                    continue;
                }
                others += usize::from(!known);
                clients.push(Client { host: Host { names: vec![name.clone()], address }, source: *source });
            }
        }
        (clients, more)
    }

    /// Is it still open where the client names lead?
    pub(super) fn is_client_open(&self) -> bool {
        *self.client_open.get_or_init(|| self.work_out_client_open())
    }

    fn work_out_client_open(&self) -> bool {
        match self.client_names() {
            Err(why) => why == Unseen::Pending,
            Ok(names) => names.iter().any(|(name, _)| {
                [RecordType::A, RecordType::Aaaa]
                    .iter()
                    .any(|family| self.dns(name, *family).err() == Some(Unseen::Pending))
            }),
        }
    }

    /// What a host says over IMAP, POP3 or ManageSieve.
    pub fn lines(&self, address: IpAddr, port: u16) -> Result<&'a LineSession, Unseen> {
        self.spoken(self.lines_inquiry(address, port)?)?.lines().ok_or(Unseen::Failed)
    }

    /// Was a host asked what it says on this port?
    pub fn has_lines(&self, address: IpAddr, port: u16) -> bool {
        self.lines_inquiry(address, port).and_then(|inquiry| self.piece(inquiry)).is_ok()
    }

    /// The question what a host says on one of [`IMAP`], [`IMAPS`], [`POP`], [`POPS`] and [`SIEVE`], once the
    /// name is known that it is asked for in TLS.
    pub fn lines_inquiry(&self, address: IpAddr, port: u16) -> Result<Inquiry, Unseen> {
        let script = match port {
            IMAP | IMAPS => Script::ImapSurvey,
            POP | POPS => Script::PopSurvey,
            _ => Script::SieveSurvey,
        };
        Ok(Inquiry::Probe { address, port, host: Some(self.client_name(address)?), script })
    }

    /// The name by which mail programs ask an address for its certificate: the surest that leads there.
    /// Nothing while another could turn out to be surer.
    pub fn client_name(&self, address: IpAddr) -> Result<DomainName, Unseen> {
        if self.is_client_open() {
            return Err(Unseen::Pending);
        }
        let client = self.clients().0.iter().find(|client| client.host.address == address);
        client.and_then(|client| client.host.names.first().cloned()).ok_or(Unseen::NoBase)
    }

    /// Are people told this name: by an SRV record, by autoconfig, or by the person who asks?
    pub fn is_told(&self, name: &DomainName) -> bool {
        let named = self.case.options.hosts.contains(name) && name.is_within(self.domain());
        let is_target = |service: &str| {
            let records = self.srv(service).unwrap_or_default();
            records.iter().any(|record| matches!(record.target, Target::Name(target) if target == name))
        };
        let mut services = SERVICES.into_iter().filter(|service| *service != AUTODISCOVER);
        let mut documents = self.autoconfig_places().unwrap_or_default().into_iter();
        named
            || services.any(is_target)
            || documents
                .any(|place| self.autoconfig(&place).is_ok_and(|servers| servers.iter().any(|s| s.host == *name)))
    }
}

/// Whether something was seen or will not be; an error while that is open.
fn settled(seen: Result<(), Unseen>) -> Result<(), Unseen> {
    match seen {
        Err(why @ (Unseen::Pending | Unseen::OverCap)) => Err(why),
        _ => Ok(()),
    }
}
