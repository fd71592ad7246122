//! A view of a case: how mail is routed, which hosts take it, what they said.

mod active;
mod bimi;
mod blocklists;
mod clients;
mod dane;
mod dangling;
pub mod dkim;
mod dmarc;
mod dnssec;
mod hello;
mod limits;
mod mail;
mod mta_sts;
mod roles;
mod tls;
mod zone;

pub use active::{Fate, delivered};
pub use blocklists::{entry_name, entry_names};
pub use clients::{AUTODISCOVER, CLIENTS_MAX, Client, IMAP, IMAPS, POP, POPS, SERVICES, SIEVE, Source, Srv};
pub use dane::{Bases, DANE_TARGETS_MAX, Dane};
pub use dangling::{Lead, NAMES};
pub use dmarc::Published;
pub use dnssec::Trust;
pub use hello::Today;
pub use limits::{Proof, Trial};
pub use tls::{Checked, offers_tls, tlsa_matches};

use std::cell::{OnceCell, RefCell};
use std::net::IpAddr;
use std::rc::Rc;

use crate::case::INQUIRIES_MAX;
use crate::disclosure::{Protocol, Told, told};
use crate::evidence::{DnsAnswer, Record, SmtpSession, Step, Target};
use crate::inquiry::{RecordType, Script};
use crate::net::is_admitted;
use crate::spf;
use crate::syntax::consent;
use crate::{Case, DomainName, Evidence, Inquiry, Unseen};

/// The most addresses that one scan speaks to.
pub const ADDRESSES_MAX: usize = 12;

/// A greeting held back longer than this, in milliseconds, is a deliberate delay: the host gets
/// no second connection.
pub const DELAY_MS: u32 = 10_000;

/// The port where mail servers take mail for their domains.
pub const SMTP: u16 = 25;
/// The port where they take it from their own users (RFC 6409).
pub const SUBMISSION: u16 = 587;
/// The port where they do so in TLS from the start (RFC 8314 section 3.3).
pub const SUBMISSIONS: u16 = 465;

/// What was worked out, sorted by what of: a list, since each kind of map is much code in a browser.
struct Memo<K, V>(RefCell<Vec<(K, V)>>);

/// What was worked out of ports.
type AtPorts<T> = Memo<(IpAddr, u16), Result<T, Unseen>>;

impl<K: Ord, V: Clone> Memo<K, V> {
    const fn new() -> Self {
        Self(RefCell::new(Vec::new()))
    }

    /// What is known of this, or is worked out now.
    fn get_or(&self, key: K, work_out: impl FnOnce() -> V) -> V {
        let place = |known: &Vec<(K, V)>| known.binary_search_by(|(known, _)| known.cmp(&key));
        let known = self.0.borrow();
        if let Some((_, found)) = place(&known).ok().and_then(|at| known.get(at)) {
            return found.clone();
        }
        drop(known);
        let found = work_out();
        let mut known = self.0.borrow_mut();
        // On the way others may have been worked out.
        if let Err(at) = place(&known) {
            known.insert(at, (key, found.clone()));
        }
        found
    }
}

/// What a case says, by the questions that checks ask.
pub struct Facts<'a> {
    /// The case.
    pub case: &'a Case,
    /// What is asked for again and again, once it was worked out.
    client_names: OnceCell<Result<Vec<(DomainName, Source)>, Unseen>>,
    clients: OnceCell<(Vec<Client>, bool)>,
    client_open: OnceCell<bool>,
    targets: OnceCell<Vec<DomainName>>,
    tls_names: Memo<IpAddr, Result<DomainName, Unseen>>,
    hosts: OnceCell<(Vec<Host>, bool)>,
    opted_out: Memo<IpAddr, Result<bool, Unseen>>,
    today: AtPorts<Option<Today<'a>>>,
    spoken_for: AtPorts<bool>,
    disclosed: Memo<(Protocol, String), Rc<Told>>,
}

/// Where a domain's mail goes (RFC 5321 section 5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// To the targets of its MX records, the preferred first.
    Mx(Vec<(u16, Target)>),
    /// To its own addresses: there is no MX record, but an address.
    Implicit,
    /// Nowhere, and it says so properly (RFC 7505).
    Null,
    /// Nowhere: neither MX nor address.
    Nowhere,
    /// Nowhere: the domain does not exist.
    NoDomain,
}

/// An address where the domain's mail can be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The MX targets, or client names, that lead here, the preferred first.
    pub names: Vec<DomainName>,
    /// The address.
    pub address: IpAddr,
}

impl Host {
    /// The host's first name.
    pub fn name(&self) -> &str {
        self.names.first().map_or("", DomainName::as_str)
    }

    /// How findings name a port of this host.
    pub fn subject(&self, port: u16) -> String {
        format!("{}, {}, port {port}", self.name(), self.address)
    }
}

impl<'a> Facts<'a> {
    /// The facts of a case.
    pub fn new(case: &'a Case) -> Self {
        Self {
            case,
            client_names: OnceCell::new(),
            clients: OnceCell::new(),
            client_open: OnceCell::new(),
            targets: OnceCell::new(),
            tls_names: Memo::new(),
            hosts: OnceCell::new(),
            opted_out: Memo::new(),
            today: Memo::new(),
            spoken_for: Memo::new(),
            disclosed: Memo::new(),
        }
    }

    /// The checked domain.
    pub fn domain(&self) -> &'a DomainName {
        &self.case.domain
    }

    /// The evidence of an inquiry, or why there is none yet.
    pub fn evidence(&self, inquiry: &Inquiry) -> Result<&'a Evidence, Unseen> {
        self.case.get(inquiry).ok_or(if self.case.evidence().len() >= INQUIRIES_MAX {
            Unseen::OverCap
        } else {
            Unseen::Pending
        })
    }

    /// A DNS answer.
    pub fn dns(&self, name: &DomainName, record: RecordType) -> Result<&'a DnsAnswer, Unseen> {
        let evidence = self.evidence(&Inquiry::dns(name, record))?;
        match &evidence.answer {
            Err(why) => Err(*why),
            Ok(_) => evidence.dns().ok_or(Unseen::Failed),
        }
    }

    /// The addresses of a name, IPv4 first. An error only where neither family was seen: a name
    /// whose A answer was seen has been seen.
    pub fn addresses(&self, name: &DomainName) -> Result<Vec<IpAddr>, Unseen> {
        let families = [self.dns(name, RecordType::A), self.dns(name, RecordType::Aaaa)];
        let mut found = Vec::new();
        let mut unseen = None;
        for family in families {
            match family {
                Ok(answer) => found.extend(answer.records.iter().filter_map(Record::address)),
                Err(why) => unseen = unseen.or(Some(why)),
            }
        }
        match unseen {
            Some(why) if found.is_empty() => Err(why),
            _ => Ok(found),
        }
    }

    /// Where the domain's mail goes, once that can be said.
    pub fn route(&self) -> Result<Route, Unseen> {
        let mx = self.dns(self.domain(), RecordType::Mx)?;
        let mut targets: Vec<_> = mx
            .records
            .iter()
            .filter_map(|record| match record {
                Record::Mx { preference, exchange } => Some((*preference, exchange.clone())),
                _ => None,
            })
            .collect();
        targets.sort();
        if let [(_, Target::Root)] = targets.as_slice() {
            return Ok(Route::Null);
        }
        if !targets.is_empty() {
            return Ok(Route::Mx(targets));
        }
        if mx.nxdomain {
            return Ok(Route::NoDomain);
        }
        Ok(if self.addresses(self.domain())?.is_empty() { Route::Nowhere } else { Route::Implicit })
    }

    /// Does the domain exist? Known only once both its MX and its TXT answer have been seen.
    pub fn exists(&self) -> Result<bool, Unseen> {
        let answers = [RecordType::Mx, RecordType::Txt].map(|record| self.dns(self.domain(), record));
        if answers.iter().flatten().any(|answer| answer.nxdomain) {
            return Ok(false);
        }
        answers.into_iter().find_map(Result::err).map_or(Ok(true), Err)
    }

    /// Does the domain take mail? Nothing while that is not known.
    pub fn takes_mail(&self) -> Option<bool> {
        self.route().ok().map(|route| matches!(route, Route::Mx(_) | Route::Implicit))
    }

    /// Has the domain nothing to do with mail? It takes none, and its SPF record, if there is one,
    /// lets nobody send.
    pub fn is_parked(&self) -> bool {
        self.takes_mail() == Some(false)
            && self.dns(self.domain(), RecordType::Txt).is_ok_and(|answer| {
                spf::record::records(answer).spf.iter().all(|text| spf::record::parse(text).allows_nobody())
            })
    }

    /// The names that mail for the domain is sent to, the preferred first.
    pub fn targets(&self) -> Vec<DomainName> {
        self.known_targets().to_vec()
    }

    fn known_targets(&self) -> &[DomainName] {
        self.targets.get_or_init(|| self.work_out_targets())
    }

    fn work_out_targets(&self) -> Vec<DomainName> {
        match self.route() {
            Ok(Route::Mx(targets)) => {
                let mut names = Vec::new();
                for (_, target) in targets {
                    if let Target::Name(name) = target
                        && name.labels() > 1
                        && !names.contains(&name)
                    {
                        names.push(name);
                    }
                }
                names
            }
            Ok(Route::Implicit) => vec![self.domain().clone()],
            _ => Vec::new(),
        }
    }

    /// The hosts that serve our own foreign recipient.
    pub fn own_targets(&self) -> Vec<DomainName> {
        self.targets_of(&self.case.probe_domain)
    }

    /// The hosts that take mail for a domain of ours.
    pub fn targets_of(&self, domain: &DomainName) -> Vec<DomainName> {
        let mut names: Vec<_> = self
            .dns(domain, RecordType::Mx)
            .iter()
            .flat_map(|answer| answer.records.iter())
            .filter_map(|record| match record {
                Record::Mx { exchange: Target::Name(name), .. } => Some(name.clone()),
                _ => None,
            })
            .take(4)
            .collect();
        if names.is_empty() {
            names.push(domain.clone());
        }
        names
    }

    /// Does this host serve our own foreign recipient, so that it may rightly take mail for it?
    pub fn serves_us(&self, host: &Host) -> Result<bool, Unseen> {
        self.serves(&self.case.probe_domain, host)
    }

    /// Does it serve a domain of ours?
    pub fn serves(&self, domain: &DomainName, host: &Host) -> Result<bool, Unseen> {
        self.dns(domain, RecordType::Mx)?;
        for target in self.targets_of(domain) {
            let same_domain = target.parent().is_some_and(|parent| {
                parent.labels() > 1 && host.names.iter().any(|name| name.parent().as_ref() == Some(&parent))
            });
            if same_domain || self.addresses(&target)?.contains(&host.address) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The addresses of the MX targets that may be spoken to, at most [`ADDRESSES_MAX`], and
    /// whether there are more.
    pub fn hosts(&self) -> (Vec<Host>, bool) {
        self.known_hosts().clone()
    }

    fn known_hosts(&self) -> &(Vec<Host>, bool) {
        self.hosts.get_or_init(|| self.work_out_hosts())
    }

    fn work_out_hosts(&self) -> (Vec<Host>, bool) {
        let mut hosts: Vec<Host> = Vec::new();
        let mut more = false;
        for target in self.targets() {
            for address in self.addresses(&target).unwrap_or_default() {
                if !is_admitted(address, self.case.admit_private) {
                    continue;
                }
                let full = hosts.len() == ADDRESSES_MAX;
                match hosts.iter_mut().find(|host| host.address == address) {
                    Some(host) if host.names.contains(&target) => {}
                    Some(host) => host.names.push(target.clone()),
                    None if full => more = true,
                    None => hosts.push(Host { names: vec![target.clone()], address }),
                }
            }
        }
        (hosts, more)
    }

    /// Are these all the addresses where the domain's mail can be delivered: was each target seen in both
    /// families, and each address that anybody can reach kept?
    pub fn all_hosts_seen(&self) -> bool {
        let families = [RecordType::A, RecordType::Aaaa];
        let seen = |target: &DomainName| families.iter().all(|family| self.dns(target, *family).is_ok());
        self.targets().iter().all(seen) && !self.hosts().1
    }

    /// The name that a host is asked for in TLS: the first MX target that leads to the address, else the
    /// first client name that does. Nothing while a name before it could still turn out to lead there.
    pub fn tls_name(&self, address: IpAddr) -> Result<DomainName, Unseen> {
        self.tls_names.get_or(address, || self.work_out_tls_name(address))
    }

    fn work_out_tls_name(&self, address: IpAddr) -> Result<DomainName, Unseen> {
        let record = if address.is_ipv4() { RecordType::A } else { RecordType::Aaaa };
        for target in self.known_targets() {
            match self.dns(target, record) {
                Ok(answer) if answer.records.iter().any(|record| record.address() == Some(address)) => {
                    return Ok(target.clone());
                }
                Err(why @ (Unseen::Pending | Unseen::OverCap)) => return Err(why),
                _ => {}
            }
        }
        self.client_name(address)
    }

    /// What a host says of itself on a port.
    pub fn survey(&self, address: IpAddr, port: u16) -> Result<&'a SmtpSession, Unseen> {
        let mut inquiry = self.survey_inquiry(address, port)?;
        if self.piece(inquiry.clone()).is_err()
            && let Inquiry::Probe { script, .. } = &mut inquiry
        {
            // That is what older reports hold.
            *script = Script::SmtpSurvey;
            if self.piece(inquiry.clone()).is_err() {
                inquiry = self.survey_inquiry(address, port)?;
            }
        }
        self.conversation(inquiry)
    }

    /// The question what a host says of itself, and on a port of submission what it takes without a login.
    pub fn survey_inquiry(&self, address: IpAddr, port: u16) -> Result<Inquiry, Unseen> {
        let script = match port {
            SUBMISSION | SUBMISSIONS => Script::SubmissionSurvey { domain: self.domain().clone() },
            _ => Script::SmtpSurvey,
        };
        Ok(Inquiry::Probe { address, port, host: Some(self.tls_name(address)?), script })
    }

    /// Which recipients a host takes on port 25. A host that said nothing of itself, or only
    /// after a deliberate delay, is not asked. Where it put some off and was asked again, its second word counts.
    pub fn recipients(&self, address: IpAddr) -> Result<&'a SmtpSession, Unseen> {
        let first = self.first_recipients(address)?;
        match self.again_inquiry(address).map(|inquiry| self.conversation(inquiry)) {
            Ok(Ok(second)) => Ok(second),
            Ok(Err(why @ Unseen::Pending)) if self.case.again.is_some() => Err(why),
            _ => Ok(first),
        }
    }

    fn first_recipients(&self, address: IpAddr) -> Result<&'a SmtpSession, Unseen> {
        match self.conversation(self.recipients_inquiry(address)?) {
            // It answered the first time and now it does not: it has shut us out.
            Err(Unseen::Refused | Unseen::ConnectTimeout | Unseen::Reset | Unseen::Closed) => Err(Unseen::Banned),
            other => other,
        }
    }

    /// The same question once more, to a host that put some off.
    pub fn again_inquiry(&self, address: IpAddr) -> Result<Inquiry, Unseen> {
        if !self.first_recipients(address)?.defers() {
            return Err(Unseen::NotAsked);
        }
        let mut inquiry = self.recipients_inquiry(address)?;
        if let Inquiry::Probe { script: Script::SmtpRecipients { again, .. }, .. } = &mut inquiry {
            *again = true;
        }
        Ok(inquiry)
    }

    /// Was it asked, or is it to be? Then one of the four conversations is gone.
    pub fn is_asked_again(&self, address: IpAddr) -> bool {
        self.again_inquiry(address).is_ok_and(|inquiry| self.case.again.is_some() || self.case.get(&inquiry).is_some())
    }

    /// The question which recipients a host takes, once its own words say that it may be asked. It
    /// is asked in the clear where the first handshake failed.
    pub fn recipients_inquiry(&self, address: IpAddr) -> Result<Inquiry, Unseen> {
        let survey = self.survey(address, SMTP)?;
        may_knock_again(survey)?;
        let secured = survey.tls.as_ref().is_some_and(|tls| tls.secured().is_ok());
        let host = if secured { Some(self.tls_name(address)?) } else { None };
        let script =
            Script::SmtpRecipients { domain: self.domain().clone(), contact: self.odd_contact()?, again: false };
        Ok(Inquiry::Probe { address, port: SMTP, host, script })
    }

    fn conversation(&self, inquiry: Inquiry) -> Result<&'a SmtpSession, Unseen> {
        self.spoken(inquiry)?.smtp().ok_or(Unseen::Failed)
    }

    /// Is a host's refusal on port 25 surely its own ([`Unseen::Rejected`])?
    pub fn rejects(&self, address: IpAddr) -> bool {
        let answer = self.tls_name(address).and_then(|name| {
            self.asked(Inquiry::Probe { address, port: SMTP, host: Some(name), script: Script::SmtpSurvey })
        });
        answer.is_ok_and(|evidence| evidence.answer == Err(Unseen::Rejected))
    }

    /// A conversation, unless its operator asked for none.
    fn spoken(&self, inquiry: Inquiry) -> Result<&'a Evidence, Unseen> {
        let evidence = self.asked(inquiry)?;
        match &evidence.answer {
            // Whose fault it is matters to one check only, which looks for itself.
            Err(Unseen::Rejected) => Err(Unseen::Refused),
            Err(why) => Err(*why),
            Ok(_) => Ok(evidence),
        }
    }

    fn asked(&self, inquiry: Inquiry) -> Result<&'a Evidence, Unseen> {
        let Inquiry::Probe { address, .. } = inquiry else {
            return Err(Unseen::Failed);
        };
        if self.opted_out(address)? {
            return Err(Unseen::OptedOut);
        }
        self.piece(inquiry)
    }

    /// What came of a conversation, or of its like in the clear: that is what older reports hold.
    fn piece(&self, mut inquiry: Inquiry) -> Result<&'a Evidence, Unseen> {
        self.evidence(&inquiry).or_else(|why| {
            if let Inquiry::Probe { host, .. } = &mut inquiry {
                *host = None;
            }
            self.case.get(&inquiry).ok_or(why)
        })
    }

    /// The names at which an operator can opt out of being probed at this address: the domain,
    /// the MX and client names, the address's own names. Nothing while the PTR answer is missing, or
    /// one that may lead a client name here.
    pub fn opt_out_names(&self, address: IpAddr) -> Result<Vec<DomainName>, Unseen> {
        let mut names = vec![self.domain().clone()];
        let hosts = self.known_hosts().0.iter().filter(|host| host.address == address);
        names.extend(hosts.flat_map(|host| host.names.iter().cloned()));
        if self.is_client_open() {
            // The address may yet turn out to have another name.
            return Err(Unseen::Pending);
        }
        let clients = self.clients().0.iter().filter(|client| client.host.address == address);
        names.extend(clients.flat_map(|client| client.host.names.iter().cloned()));
        if let Err(why @ (Unseen::Pending | Unseen::OverCap)) = self.dns(&DomainName::reverse(address), RecordType::Ptr)
        {
            return Err(why);
        }
        names.extend(self.pointers(address).unwrap_or_default());
        let mut at: Vec<_> = names.iter().filter_map(consent::name).collect();
        at.sort();
        at.dedup();
        Ok(at)
    }

    /// Has the operator of this address asked not to be probed? Only an answer that says so
    /// counts; an error while the question is still open.
    pub fn opted_out(&self, address: IpAddr) -> Result<bool, Unseen> {
        self.opted_out.get_or(address, || self.work_out_opted_out(address))
    }

    fn work_out_opted_out(&self, address: IpAddr) -> Result<bool, Unseen> {
        for name in self.opt_out_names(address)? {
            match self.dns(&name, RecordType::Txt) {
                Ok(answer) if consent::forbids(answer) => return Ok(true),
                Err(why @ (Unseen::Pending | Unseen::OverCap)) => return Err(why),
                _ => {}
            }
        }
        Ok(false)
    }

    /// The names that an address's PTR records give, at most three of them.
    pub fn pointers(&self, address: IpAddr) -> Result<Vec<DomainName>, Unseen> {
        let answer = self.dns(&DomainName::reverse(address), RecordType::Ptr)?;
        let mut names = answer.pointers();
        names.sort();
        names.dedup();
        names.truncate(3);
        Ok(names)
    }

    /// What a line that a server said discloses. Servers repeat themselves, and several checks look.
    pub fn told(&self, protocol: Protocol, line: &str) -> Rc<Told> {
        self.disclosed.get_or((protocol, line.to_owned()), || Rc::new(told(protocol, line)))
    }

    /// The tree of the domain's SPF record; nothing where it has not exactly one without a fault.
    pub fn spf_tree(&self) -> Result<Option<spf::Flat>, Unseen> {
        let records = spf::record::records(self.dns(self.domain(), RecordType::Txt)?);
        let [text] = records.spf.as_slice() else {
            return Ok(None);
        };
        let sound = spf::record::parse(text).faults.is_empty();
        Ok(sound.then(|| spf::flatten(self.domain(), text, &|name, record| self.spf_lookup(name, record))))
    }

    /// May this host send for the domain, by SPF?
    pub fn spf_of(&self, host: &Host) -> spf::Outcome {
        let sender = format!("postmaster@{}", self.domain());
        let now = self.case.started / 1000;
        let domain = self.domain().as_str();
        let query = spf::Query { ip: host.address, domain, sender: &sender, helo: host.name(), receiver: "", now };
        spf::check_host(&query, &|name, record| self.spf_lookup(name, record))
    }

    fn spf_lookup(&self, name: &str, record: RecordType) -> spf::Lookup<'a> {
        // Macros can make names that are not asked by this scan.
        match DomainName::new(name).map_err(|_| Unseen::NoBase).and_then(|name| self.dns(&name, record)) {
            Ok(answer) => spf::Lookup::Known(answer),
            Err(Unseen::Pending) => spf::Lookup::Missing,
            Err(why) => spf::Lookup::Unseen(why),
        }
    }

    /// The share of MX hosts that answered EHLO or HELO, as (answered, all).
    pub fn answered(&self) -> (usize, usize) {
        let (hosts, _) = self.hosts();
        let counted: Vec<_> =
            hosts.iter().filter(|h| self.survey(h.address, SMTP).err() != Some(Unseen::NoIpv6)).collect();
        let answered = counted
            .iter()
            .filter(|h| self.survey(h.address, SMTP).is_ok_and(|session| session.hello().is_ok()))
            .count();
        (answered, counted.len())
    }
}

/// May a host be connected to once more after this first conversation?
pub fn may_knock_again(survey: &SmtpSession) -> Result<(), Unseen> {
    if survey.delayed() {
        return Err(Unseen::Delayed);
    }
    match survey.broke {
        // It would not talk, or is too busy: a second knock would only annoy.
        Some(why) if survey.hello().is_err() => Err(why),
        _ => Ok(()),
    }
}

/// Whether what came of a conversation says that there is no such service.
pub fn no_service(why: Unseen) -> bool {
    matches!(why, Unseen::Refused | Unseen::ConnectTimeout | Unseen::Unreachable | Unseen::Reset | Unseen::NoIpv6)
}

impl SmtpSession {
    /// Was the greeting held back on purpose?
    pub fn delayed(&self) -> bool {
        self.step(Step::Greeting).is_some_and(|greeting| greeting.took > DELAY_MS)
    }

    /// The positive reply to EHLO, or else HELO.
    pub fn hello(&self) -> Result<(&crate::evidence::Exchange, &crate::evidence::Reply), Unseen> {
        let ehlo = self.reply(Step::Ehlo)?;
        if ehlo.1.is_positive() {
            return Ok(ehlo);
        }
        match self.reply(Step::Helo) {
            Ok(helo) if helo.1.is_positive() => Ok(helo),
            _ => Err(self.broke.unwrap_or(Unseen::ClientRefused)),
        }
    }
}
