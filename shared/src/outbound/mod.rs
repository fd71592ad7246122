//! A message that a domain sent to us: whether receivers would believe whose it is, and what its header tells
//! strangers. Pure, like everything that knows mail: [`lacks`] names the DNS questions that are still open,
//! [`judge`] says what the answers mean. Signatures are checked by whoever has the cryptography.

pub mod arc;
pub mod message;
pub mod signature;

mod disclosure;
mod filters;
mod judge;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::evidence::{DnsAnswer, MailSeen, Sender, Shown};
use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::spf;
use crate::syntax::{dkim, dmarc};
use crate::{Case, DomainName, Inquiry, Unseen, Verdict};

use message::{Field, Hop, NoAuthor};
use signature::Signature;

pub use judge::judge;
pub use words::in_words;

/// The most signatures that are looked at.
pub const SIGNATURES_MAX: usize = 5;

/// The most DNS questions about one message.
pub const QUESTIONS_MAX: usize = 120;

/// A message as it came.
#[derive(Clone, Debug)]
pub struct Mail<'a> {
    /// The reverse-path, without angle brackets; empty for the null sender.
    pub sender: &'a str,
    /// When it came, in seconds since 1970.
    pub at: u64,
    /// Who handed it over, by the service that took it.
    pub hop: Option<Hop>,
    /// The domain of its author.
    pub author: Result<DomainName, NoAuthor>,
    /// All of it.
    pub message: &'a [u8],
    /// Its header.
    pub fields: Vec<Field<'a>>,
    /// Its signatures, in their order.
    pub signatures: Vec<Result<Signature, signature::Fault>>,
    /// Its ARC sets.
    pub sets: Result<Vec<arc::Set>, arc::Broken>,
}

/// What came of checking a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It holds; `partial` says that it leaves the end of the body open.
    Pass {
        /// It has `l=`.
        partial: bool,
    },
    /// The body is not the one that was signed.
    BodyAltered,
    /// It is, with lines added at its end.
    Appended,
    /// The header is not, or the key is another one.
    HeaderAltered,
    /// Its time is over.
    Expired,
    /// There is no such key.
    NoKey,
    /// The key was withdrawn.
    Revoked,
    /// The key cannot be used, or not by us.
    UnusableKey,
    /// The key could not be looked up.
    Unseen(Unseen),
}

impl Checked {
    /// The outcome that a failure is.
    const fn code(self) -> &'static str {
        match self {
            Self::BodyAltered => "dkim-body",
            Self::Appended => "dkim-footer",
            Self::HeaderAltered => "dkim-header",
            Self::Expired => "dkim-expired",
            Self::NoKey => "dkim-no-key",
            Self::Revoked => "dkim-revoked",
            Self::UnusableKey | Self::Pass { .. } | Self::Unseen(_) => "dkim-unusable-key",
        }
    }
}

/// Who stands for the domain in From.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vouched {
    /// SPF: whoever handed it over may send for the domain.
    Sender,
    /// A signature only. Anybody can pass on a signed message, under a header of his own.
    Signature,
}

/// What a message comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// All of it, for whoever sent it.
    pub said: Vec<Said>,
    /// Who shows that it is of the domain in From; nobody, where DMARC does not pass.
    pub vouched: Option<Vouched>,
}

/// What is said of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Said {
    /// The check: `outbound-mail`, `header-disclosure`, or one of PTR and HELO.
    pub check: String,
    /// The outcome's stable name.
    pub outcome: String,
    /// What it is worth.
    pub verdict: Verdict,
    /// A headline.
    pub title: String,
    /// What was seen. Foreign text.
    pub seen: String,
    /// What to change; for mortal and venial ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
}

impl<'a> Mail<'a> {
    /// Reads a message, whose lines end in CRLF. `receiver` is the name that the service writes behind `by` in its
    /// Received field; `at` is in seconds since 1970.
    pub fn read(message: &'a [u8], sender: &'a str, receiver: &str, at: u64) -> Self {
        let (fields, _) = message::split(message);
        let signatures = fields.iter().filter(|field| field.is("DKIM-Signature")).take(SIGNATURES_MAX);
        Self {
            sender,
            at,
            hop: message::hop(&fields, receiver),
            author: message::author(&fields),
            sets: arc::sets(&fields),
            message,
            signatures: signatures.map(|field| signature::read(&field.text)).collect(),
            fields,
        }
    }

    /// A case for the answers about it.
    pub fn case(&self, site: &DomainName) -> Case {
        let domain = self.author.clone().unwrap_or_else(|_| site.clone());
        Case::new(domain, site.clone(), String::new(), self.at.saturating_mul(1000))
    }

    /// The domain that SPF is about (RFC 7208 section 2.4).
    pub fn spf_domain(&self) -> Option<DomainName> {
        let helo = self.hop.as_ref().map_or("", |hop| hop.helo.as_str());
        DomainName::new(spf::mailbox(self.sender, helo).1).ok().filter(|domain| domain.labels() > 1)
    }

    /// What of it a check of its author's domain may take over; nothing where nobody shows that it is of that domain.
    /// No local part is in it, and no text of the header but who handed it over.
    pub fn evidence(&self, judged: &Judged) -> Option<MailSeen> {
        let by_sender = judged.vouched? == Vouched::Sender;
        let sender = self.hop.as_ref().filter(|_| by_sender);
        let sender = sender.map(|hop| Sender { helo: hop.helo.clone(), address: hop.address });
        let shown = judged.said.iter().filter(|said| {
            let signed = said.outcome.starts_with("dkim-pass") || said.outcome == "dmarc-pass";
            match said.check.as_str() {
                "outbound-mail" => by_sender || signed,
                "header-disclosure" => by_sender,
                // These are asked anew, of the address.
                _ => false,
            }
        });
        let shown = shown.map(|said| Shown {
            check: said.check.clone(),
            outcome: said.outcome.clone(),
            seen: match said.outcome.as_str() {
                _ if said.check == "header-disclosure" => field_names(&said.seen),
                outcome if outcome.starts_with("message-id-") => said.seen.lines().count().to_string() + " field(s)",
                _ => said.seen.clone(),
            },
        });
        Some(MailSeen { came: self.at.saturating_mul(1000), sender, shown: shown.collect() })
    }

    fn spf(&self, case: &Case) -> Option<spf::Outcome> {
        let hop = self.hop.as_ref()?;
        let domain = self.spf_domain()?;
        let receiver = case.probe_domain.as_str();
        let query = spf::Query {
            ip: hop.address,
            domain: domain.as_str(),
            sender: self.sender,
            helo: &hop.helo,
            receiver,
            now: self.at,
        };
        Some(spf::check_host(&query, &|name, record| lookup(case, name, record)))
    }
}

fn lookup<'a>(case: &'a Case, name: &str, record: RecordType) -> spf::Lookup<'a> {
    let Ok(name) = DomainName::odd(name) else { return spf::Lookup::Unseen(Unseen::NoBase) };
    match case.get(&Inquiry::dns(&name, record)) {
        None => spf::Lookup::Missing,
        Some(evidence) => match (&evidence.answer, evidence.dns()) {
            (Err(why), _) => spf::Lookup::Unseen(*why),
            (Ok(_), Some(answer)) => spf::Lookup::Known(answer),
            (Ok(_), None) => spf::Lookup::Unseen(Unseen::Failed),
        },
    }
}

/// An answer, if there is one yet.
fn known<'a>(case: &'a Case, name: &DomainName, record: RecordType) -> Result<&'a DnsAnswer, Unseen> {
    Facts::new(case).dns(name, record)
}

/// The questions that are open. Nothing where all is known, or where there were [`QUESTIONS_MAX`].
pub fn lacks(mail: &Mail, case: &Case) -> Vec<Inquiry> {
    let mut wanted: BTreeSet<(DomainName, RecordType)> = BTreeSet::new();
    if let Some(spf::Outcome::Lacks(lacks)) = mail.spf(case) {
        wanted.extend(lacks.into_iter().filter_map(|(name, record)| Some((DomainName::odd(&name).ok()?, record))));
    }
    let signatures = || mail.signatures.iter().flatten();
    let keys = mail.sets.iter().flatten().map(|set| &set.sealed).map(|seal| (&seal.selector, &seal.domain));
    let last =
        mail.sets.iter().filter_map(|sets| sets.last()).map(|set| (&set.signature.selector, &set.signature.domain));
    wanted.extend(
        keys.chain(last).filter_map(|(selector, domain)| Some((dkim::name(selector, domain)?, RecordType::Txt))),
    );
    wanted.extend(signatures().filter_map(|one| Some((dkim::name(&one.selector, &one.domain)?, RecordType::Txt))));
    let walks = mail.author.iter().cloned().chain(mail.spf_domain()).chain(signatures().map(|one| one.domain.clone()));
    let walked = walks.flat_map(|domain| dmarc::walk(&domain)).filter_map(|at| at.under("_dmarc"));
    wanted.extend(walked.map(|name| (name, RecordType::Txt)));
    if let Some(hop) = &mail.hop {
        let reverse = DomainName::reverse(hop.address);
        let pointers = known(case, &reverse, RecordType::Ptr).map(DnsAnswer::pointers).unwrap_or_default();
        let helo = DomainName::new(&hop.helo).ok();
        let family = if hop.address.is_ipv4() { RecordType::A } else { RecordType::Aaaa };
        wanted.extend(
            helo.into_iter().flat_map(|name| [RecordType::A, RecordType::Aaaa].map(|family| (name.clone(), family))),
        );
        wanted.extend(pointers.into_iter().take(3).map(|name| (name, family)));
        wanted.insert((reverse, RecordType::Ptr));
    }
    let room = QUESTIONS_MAX.saturating_sub(case.evidence().len());
    let open = wanted.into_iter().map(|(name, record)| Inquiry::dns(&name, record));
    open.filter(|inquiry| case.get(inquiry).is_none()).take(room).collect()
}

/// The names of the fields that these lines are of, each once.
fn field_names(lines: &str) -> String {
    let mut names: Vec<&str> = lines.lines().filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();
    names.dedup();
    names.join(", ")
}
