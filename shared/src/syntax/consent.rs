//! What a domain's operator allows a site, or forbids all of them, at `_mailsins.` of the domain:
//! `v=mailsins1; by=<host of the site>; allow=relay,samples,limits,history,badge; mailbox=<local part>; notify=<https URL>`,
//! or `v=mailsins1; probe=none`.
//!
//! The two are read differently. No is heard in any form that may be meant so, from any resolver, through
//! aliases and wildcards. Yes must be said without a fault, by the domain itself, to this very site.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Bad, Fault, parts};
use crate::evidence::DnsAnswer;
use crate::local_part::LocalPart;
use crate::{DomainName, HttpsUrl, Unseen};

/// What a record can allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ConsentWord"))]
#[serde(rename_all = "lowercase")]
pub enum Word {
    /// Proving that a suspected relay relays.
    Relay,
    /// Harmless samples of viruses and spam, sent to the mailbox.
    Samples,
    /// Trying out limits.
    Limits,
    /// The history of the domain's reports, and scanning it again.
    History,
    /// A badge under the domain's own name, and scanning it again.
    Badge,
}

impl Word {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Relay, Self::Samples, Self::Limits, Self::History, Self::Badge];

    /// As it stands in `allow`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Samples => "samples",
            Self::Limits => "limits",
            Self::History => "history",
            Self::Badge => "badge",
        }
    }

    /// What it allows, as a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Relay => {
                "A server that seems to relay for strangers may be proved to: other ways to relay are asked for, up to twenty refusals in all, and at most six marked messages go through it to addresses of the site's own."
            }
            Self::Samples => {
                "The harmless test samples of virus and spam filters may be sent to the mailbox, one marked message each."
            }
            Self::Limits => {
                "Limits may be tried out: up to 101 recipients without a message, up to 25 errors, one line of 4,000 octets, five connections for three seconds; and whether a message ends where it only seems to, by one message to the mailbox. The host behind a known filter is asked whether it takes mail past it, without a message."
            }
            Self::History => {
                "The domain's reports are listed at an address with its name, and it is checked again every week."
            }
            Self::Badge => {
                "A badge at an address with the domain's name shows its latest report, and it is checked again every week."
            }
        }
    }

    /// Does it allow sending mail, so that a mailbox must be named that hears of it first?
    pub const fn sends(self) -> bool {
        matches!(self, Self::Relay | Self::Samples | Self::Limits)
    }

    /// Does it have the domain checked again?
    pub const fn rechecks(self) -> bool {
        matches!(self, Self::History | Self::Badge)
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|word| word.name().eq_ignore_ascii_case(name))
    }
}

/// A record that allows something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The host of the site that it allows it to.
    pub by: DomainName,
    /// What, in order, each once.
    pub allow: Vec<Word>,
    /// A local part of this very domain.
    pub mailbox: Option<LocalPart>,
    /// Where changes are posted to.
    pub notify: Option<HttpsUrl>,
}

impl Consent {
    /// Does it allow this?
    pub fn allows(&self, word: Word) -> bool {
        self.allow.contains(&word)
    }
}

/// Why there is no consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The name would be too long to ask for.
    NoName,
    /// A resolver gave no answer that says anything.
    Unseen(Unseen),
    /// The site has one resolver only, and so nobody to agree with it.
    OneResolver,
    /// The resolvers do not say the same.
    Disagree,
    /// `probe=none`.
    OptedOut,
    /// The name is an alias of this one.
    Alias(DomainName),
    /// There is no record of ours.
    NoRecord,
    /// There are so many.
    Several(usize),
    /// The record has faults.
    Faulty(Vec<Fault>),
    /// A name that nobody made answers alike.
    Wildcard,
    /// It speaks to this site.
    AnotherSite(DomainName),
    /// It would have changes posted to this host, which is not within the domain.
    NotifiesElsewhere(String),
    /// It does not have this word.
    NotAllowed(Word),
}

/// The names of all refusals.
pub const CODES: [&str; 13] = [
    "no-name",
    "unseen",
    "one-resolver",
    "resolvers-disagree",
    "opted-out",
    "alias",
    "no-record",
    "several-records",
    "faulty-record",
    "wildcard",
    "another-site",
    "notifies-elsewhere",
    "not-allowed",
];

impl Refusal {
    /// The stable name in kebab-case.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoName => "no-name",
            Self::Unseen(_) => "unseen",
            Self::OneResolver => "one-resolver",
            Self::Disagree => "resolvers-disagree",
            Self::OptedOut => "opted-out",
            Self::Alias(_) => "alias",
            Self::NoRecord => "no-record",
            Self::Several(_) => "several-records",
            Self::Faulty(_) => "faulty-record",
            Self::Wildcard => "wildcard",
            Self::AnotherSite(_) => "another-site",
            Self::NotifiesElsewhere(_) => "notifies-elsewhere",
            Self::NotAllowed(_) => "not-allowed",
        }
    }

    /// May it be our end's or the network's, rather than the domain's word?
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Unseen(_) | Self::OneResolver)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoName => f.write_str("The domain's name is too long for a record below it."),
            Self::Unseen(why) => write!(f, "The record could not be looked up. {}", why.sentence()),
            Self::OneResolver => f.write_str("This site asks one resolver only, and two must agree on a record."),
            Self::Disagree => f.write_str(
                "Two resolvers gave different answers. After a change of the zone that passes when what they keep has run out.",
            ),
            Self::OptedOut => f.write_str("The domain asked not to be probed, with probe=none."),
            Self::Alias(target) => write!(
                f,
                "The name is an alias (CNAME) of {target}, and only the domain itself can consent: put the record there as it is."
            ),
            Self::NoRecord => f.write_str("There is no TXT record that begins with v=mailsins1."),
            Self::Several(count) => write!(f, "There are {count} records that begin with v=mailsins1: only one may."),
            Self::Faulty(faults) => {
                f.write_str("The record has faults.")?;
                faults.iter().try_for_each(|fault| write!(f, " {}", fault.message))
            }
            Self::Wildcard => f.write_str(
                "A made-up name beside it answers alike, so it may be a wildcard that nobody meant as consent: give the record a name of its own.",
            ),
            Self::AnotherSite(by) => write!(f, "The record speaks to the site {by}, not to this one."),
            Self::NotifiesElsewhere(host) => {
                write!(f, "notify must name a host at this very domain or below it, and {host} is not.")
            }
            Self::NotAllowed(word) => write!(f, "The record does not have the word {} in allow.", word.name()),
        }
    }
}

/// Where a domain's record stands.
pub fn name(domain: &DomainName) -> Option<DomainName> {
    domain.under("_mailsins")
}

/// A name beside it that nobody made; `random` is of letters and digits.
pub fn sibling(domain: &DomainName, random: &str) -> Option<DomainName> {
    domain.under(&format!("_{random}"))
}

/// Does a TXT record say that nobody may probe? It does whatever else it says.
pub fn says_no_probe(text: &str) -> bool {
    let mut tags = text.split(';').map(folded);
    tags.next().is_some_and(|version| version == "v=mailsins1") && tags.any(|tag| tag == "probe=none")
}

/// Do any of an answer's records say so?
pub fn forbids(answer: &DnsAnswer) -> bool {
    answer.texts().iter().any(|text| says_no_probe(text))
}

/// What two resolvers' answers for the [`name`] of `domain` allow the site `by`. Whether a [`sibling`] answers alike is left
/// to be seen.
///
/// # Errors
/// The first reason why they allow nothing.
pub fn allowed(domain: &DomainName, one: &DnsAnswer, other: &DnsAnswer, by: &DomainName) -> Result<Consent, Refusal> {
    if forbids(one) || forbids(other) {
        return Err(Refusal::OptedOut);
    }
    if let Some(alias) = one.aliases.last().or(other.aliases.last()) {
        return Err(Refusal::Alias(alias.clone()));
    }
    let ours = records(one);
    if ours != records(other) {
        return Err(Refusal::Disagree);
    }
    let text = match ours.as_slice() {
        [] => return Err(Refusal::NoRecord),
        [text] => text,
        several => return Err(Refusal::Several(several.len())),
    };
    let consent = parse(text).map_err(Refusal::Faulty)?;
    if consent.by != *by {
        return Err(Refusal::AnotherSite(consent.by));
    }
    // Or a domain could have a stranger's server asked.
    if let Some(host) = consent.notify.as_ref().map(HttpsUrl::host)
        && !DomainName::new(host).is_ok_and(|host| host.is_within(domain))
    {
        return Err(Refusal::NotifiesElsewhere(host.to_owned()));
    }
    Ok(consent)
}

/// The records of ours in an answer, sorted. A sibling that has any answers alike: what it says exactly can
/// be made up for each question.
pub fn records(answer: &DnsAnswer) -> Vec<String> {
    let is_ours = |text: &String| text.split(';').next().is_some_and(|version| folded(version) == "v=mailsins1");
    let mut ours: Vec<String> = answer.texts().into_iter().filter(is_ours).collect();
    ours.sort();
    ours
}

fn folded(tag: &str) -> String {
    tag.trim().replace(' ', "").to_ascii_lowercase()
}

/// The tags of a record.
pub(crate) const TAGS: [&str; 6] = ["v", "by", "allow", "mailbox", "notify", "probe"];

const CASE: Bad = ("version-case", "The version must be written just so: v=mailsins1.");
const NOT_A_TAG: Bad = ("not-a-tag", "This is not of the form name=value.");
const UNKNOWN_TAG: Bad = ("unknown-tag", "There is no such tag: by, allow, mailbox, notify and probe are all.");
const REPEATED_TAG: Bad = ("repeated-tag", "This tag stands here for the second time.");
const NO_BY: Bad = ("no-by", "The record does not say in by which site it speaks to.");
const BAD_BY: Bad = ("bad-by", "by must be the host of a site, such as mailsins.example.");
const NO_ALLOW: Bad = ("no-allow", "The record allows nothing: name in allow what it does.");
const UNKNOWN_WORD: Bad = ("unknown-word", "There is no such word: relay, samples, limits, history and badge are all.");
const REPEATED_WORD: Bad = ("repeated-word", "This word stands here for the second time.");
const BAD_MAILBOX: Bad =
    ("bad-mailbox", "mailbox must be what stands before the @ of an address at this very domain, and no more.");
const NO_MAILBOX: Bad =
    ("no-mailbox", "relay, samples and limits want a mailbox at this domain that hears of each test first.");
const BAD_NOTIFY: Bad = (
    "bad-notify",
    "notify must be an https address of a named host, without a port: https://hook.example.org/mail. A semicolon in it is %3B.",
);
const IDLE_NOTIFY: Bad =
    ("idle-notify", "notify goes with history or badge: without them nothing is checked again, so nothing changes.");
const BAD_PROBE: Bad = ("bad-probe", "none is all that probe can be.");
const CONTRADICTION: Bad =
    ("contradiction", "probe=none forbids everything, so what the record allows counts for nothing.");

/// Everything that is wrong with a record.
pub fn faults(text: &str) -> Vec<Fault> {
    let mut reader = Reader::default();
    reader.read(text);
    reader.faults
}

fn parse(text: &str) -> Result<Consent, Vec<Fault>> {
    let mut reader = Reader::default();
    reader.read(text);
    let Reader { by: Some(by), allow, mailbox, notify, faults, .. } = reader else {
        return Err(reader.faults);
    };
    if faults.is_empty() { Ok(Consent { by, allow, mailbox, notify }) } else { Err(faults) }
}

#[derive(Default)]
struct Reader<'a> {
    by: Option<DomainName>,
    allow: Vec<Word>,
    mailbox: Option<LocalPart>,
    notify: Option<HttpsUrl>,
    seen: Vec<&'a str>,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    fn read(&mut self, text: &'a str) {
        for (index, (start, part)) in parts(text, ';').enumerate() {
            let end = start + part.len();
            if index == 0 && folded(part) == "v=mailsins1" {
                self.seen.push("v");
                self.complain(part != "v=mailsins1", CASE, start, end);
            } else if !part.is_empty() {
                self.tag(start, part);
            }
        }
        let has = |tag: &str| self.seen.contains(&tag);
        if has("probe") {
            if ["by", "allow", "mailbox", "notify"].into_iter().any(has) {
                self.faults.push(Fault::new(CONTRADICTION, text.len(), text.len()));
            }
            return;
        }
        let missing = [
            (!has("by"), NO_BY),
            (!has("allow"), NO_ALLOW),
            (!has("mailbox") && self.allow.iter().any(|word| word.sends()), NO_MAILBOX),
            (has("notify") && !self.allow.iter().any(|word| word.rechecks()), IDLE_NOTIFY),
        ];
        let at_end = |(_, bad): (bool, Bad)| Fault::new(bad, text.len(), text.len());
        self.faults.extend(missing.into_iter().filter(|(is_missing, _)| *is_missing).map(at_end));
    }

    fn tag(&mut self, start: usize, part: &'a str) {
        let end = start + part.len();
        let Some((tag, value)) = part.split_once('=') else {
            return self.faults.push(Fault::new(NOT_A_TAG, start, end));
        };
        let (tag, value) = (tag.trim(), value.trim());
        let Some(tag) = TAGS.into_iter().find(|known| known.eq_ignore_ascii_case(tag)) else {
            return self.faults.push(Fault::new(UNKNOWN_TAG, start, start + tag.len()));
        };
        if self.seen.contains(&tag) {
            return self.faults.push(Fault::new(REPEATED_TAG, start, end));
        }
        self.seen.push(tag);
        let at = end - value.len();
        match tag {
            "by" => {
                self.by = DomainName::new(value).ok().filter(|host| host.is_host() && host.labels() > 1);
                self.complain(self.by.is_none(), BAD_BY, at, end);
            }
            "mailbox" => {
                self.mailbox = LocalPart::new(value);
                self.complain(self.mailbox.is_none(), BAD_MAILBOX, at, end);
            }
            "notify" => {
                self.notify = HttpsUrl::new(value).ok();
                self.complain(self.notify.is_none(), BAD_NOTIFY, at, end);
            }
            // A version that is not first, or another one, is for the linter to name.
            "v" => {}
            "probe" => self.complain(!value.eq_ignore_ascii_case("none"), BAD_PROBE, at, end),
            _ => self.words(value, at),
        }
    }

    fn words(&mut self, list: &str, at: usize) {
        for (start, name) in parts(list, ',') {
            let (start, end) = (at + start, at + start + name.len());
            match Word::named(name) {
                _ if name.is_empty() => self.faults.push(Fault::new(NO_ALLOW, start, end)),
                None => self.faults.push(Fault::new(UNKNOWN_WORD, start, end)),
                Some(word) if self.allow.contains(&word) => self.faults.push(Fault::new(REPEATED_WORD, start, end)),
                Some(word) => self.allow.push(word),
            }
        }
        self.allow.sort_unstable();
    }

    fn complain(&mut self, is_wrong: bool, bad: Bad, start: usize, end: usize) {
        if is_wrong {
            self.faults.push(Fault::new(bad, start, end));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Record;

    const GOOD: &str = "v=mailsins1; by=mailsins.example; allow=history,badge";

    fn site() -> DomainName {
        DomainName::new("mailsins.example").unwrap()
    }

    fn answer(texts: &[&str]) -> DnsAnswer {
        let records = texts.iter().map(|text| Record::Txt(vec![(*text).to_owned()])).collect();
        DnsAnswer { records, ..DnsAnswer::default() }
    }

    #[test]
    fn all_codes_are_known() {
        let name = DomainName::new("a.test").unwrap();
        let all = [
            Refusal::NoName,
            Refusal::Unseen(Unseen::DnsTimeout),
            Refusal::OneResolver,
            Refusal::Disagree,
            Refusal::OptedOut,
            Refusal::Alias(name.clone()),
            Refusal::NoRecord,
            Refusal::Several(2),
            Refusal::Faulty(Vec::new()),
            Refusal::Wildcard,
            Refusal::AnotherSite(name),
            Refusal::NotifiesElsewhere("other.test".to_owned()),
            Refusal::NotAllowed(Word::Relay),
        ];
        assert_eq!(all.map(|refusal| refusal.code()), CODES);
    }

    #[test]
    fn names() {
        let of = |name: Option<DomainName>| name.map(|name| name.to_string());
        assert_eq!(of(name(&site())).as_deref(), Some("_mailsins.mailsins.example"));
        assert_eq!(of(sibling(&site(), "a1")).as_deref(), Some("_a1.mailsins.example"));
    }

    #[test]
    fn no_is_heard() {
        for yes in [
            "v=mailsins1; probe=none",
            "v=mailsins1;probe=none",
            "V=MAILSINS1 ; Probe = None ;",
            "v=mailsins1; by=mailsins.example; allow=history; probe=none",
        ] {
            assert!(says_no_probe(yes), "{yes}");
        }
        for no in [
            "probe=none",
            "v=mailsins1; probe=nonesuch",
            "v=spf1 probe=none",
            "v=spf1; probe=none",
            "v=mailsins1; x=probe=none",
            "",
        ] {
            assert!(!says_no_probe(no), "{no}");
        }
    }

    #[test]
    fn faults_have_their_place() {
        let rows: &[(&str, &[(&str, &str)])] = &[
            (GOOD, &[]),
            ("v=mailsins1;by=mailsins.example;allow=relay , samples,limits;mailbox=postmaster;", &[]),
            ("v=mailsins1; ALLOW=History; By=Mailsins.Example", &[]),
            ("v=mailsins1; probe=none", &[]),
            ("V=mailsins1; by=a.test; allow=badge", &[("version-case", "V=mailsins1")]),
            ("v=mailsins1", &[("no-by", ""), ("no-allow", "")]),
            ("v=mailsins1; by=a.test", &[("no-allow", "")]),
            ("v=mailsins1; allow=badge", &[("no-by", "")]),
            ("v=mailsins1; by=a.test; allow=", &[("no-allow", "")]),
            ("v=mailsins1; by=a.test; allow=badge,", &[("no-allow", "")]),
            ("v=mailsins1; by=a.test; allow=all", &[("unknown-word", "all")]),
            ("v=mailsins1; by=a.test; allow=badge history", &[("unknown-word", "badge history")]),
            ("v=mailsins1; by=a.test; allow=badge,badge", &[("repeated-word", "badge")]),
            ("v=mailsins1; by=a.test; by=b.test; allow=badge", &[("repeated-tag", "by=b.test")]),
            ("v=mailsins1; by=a.test; allow=badge; v=mailsins1", &[("repeated-tag", "v=mailsins1")]),
            ("v=mailsins1; by=https://a.test/; allow=badge", &[("bad-by", "https://a.test/")]),
            ("v=mailsins1; by=_a.test; allow=badge", &[("bad-by", "_a.test")]),
            ("v=mailsins1; by=localhost; allow=badge", &[("bad-by", "localhost")]),
            ("v=mailsins1; by=*; allow=badge", &[("bad-by", "*")]),
            ("v=mailsins1; by=a.test b.test; allow=badge", &[("bad-by", "a.test b.test")]),
            ("v=mailsins1; by=a.test; allow=relay", &[("no-mailbox", "")]),
            ("v=mailsins1; by=a.test; allow=samples; mailbox=me@victim.test", &[("bad-mailbox", "me@victim.test")]),
            ("v=mailsins1; by=a.test; allow=badge; mailbox=", &[("bad-mailbox", "")]),
            ("v=mailsins1; by=a.test; allow=badge; notify=https://hook.b.test/x?y=z", &[]),
            ("v=mailsins1; by=a.test; allow=badge; notify=http://b.test/", &[("bad-notify", "http://b.test/")]),
            ("v=mailsins1; by=a.test; allow=badge; notify=https://10.0.0.1/", &[("bad-notify", "https://10.0.0.1/")]),
            ("v=mailsins1; by=a.test; allow=badge; notify=https://b.test:25/", &[("bad-notify", "https://b.test:25/")]),
            ("v=mailsins1; by=a.test; allow=relay; mailbox=a; notify=https://b.test/", &[("idle-notify", "")]),
            ("v=mailsins1; by=a.test; allow=badge; mode=on", &[("unknown-tag", "mode")]),
            ("v=mailsins1; by=a.test; allow=badge; hello", &[("not-a-tag", "hello")]),
            ("v=mailsins1; probe=all", &[("bad-probe", "all")]),
            ("v=mailsins1; by=a.test; allow=badge; probe=none", &[("contradiction", "")]),
        ];
        for (text, want) in rows {
            let found: Vec<_> = faults(text).iter().map(|f| (f.code, &text[f.start..f.end])).collect();
            assert_eq!(found, *want, "{text}");
            let plain = want.is_empty() && !text.contains("probe");
            assert_eq!(parse(text).is_ok(), plain, "{text}");
        }
    }

    #[test]
    fn what_two_answers_allow() {
        let full = "v=mailsins1; by=MAILSINS.example.; allow=badge,relay; mailbox=Postmaster";
        let at = DomainName::new("a.example").unwrap();
        let consent = allowed(&at, &answer(&["x", full]), &answer(&[full, "y"]), &site()).unwrap();
        assert_eq!(consent.allow, [Word::Relay, Word::Badge]);
        assert_eq!(consent.mailbox.as_ref().map(LocalPart::as_str), Some("postmaster"));
        assert!(consent.allows(Word::Badge) && !consent.allows(Word::History));

        let code = |one: &DnsAnswer, other: &DnsAnswer| allowed(&at, one, other, &site()).map_err(|why| why.code());
        let both = |texts: &[&str]| code(&answer(texts), &answer(texts)).unwrap_err();
        assert_eq!(both(&[]), "no-record");
        assert_eq!(both(&["v=spf1 -all"]), "no-record");
        assert_eq!(both(&[GOOD, GOOD]), "several-records");
        assert_eq!(both(&["v=mailsins1; by=other.example; allow=badge"]), "another-site");
        assert_eq!(both(&["v=mailsins1; by=sub.mailsins.example; allow=badge"]), "another-site");
        assert_eq!(both(&["v=mailsins1; allow=badge"]), "faulty-record");
        for (host, want) in [
            ("a.example", None),
            ("A.example", None),
            ("hook.a.example", None),
            ("example", Some("faulty-record")),
            ("b.example", Some("notifies-elsewhere")),
            ("nota.example", Some("notifies-elsewhere")),
            ("a.example.evil.example", Some("notifies-elsewhere")),
        ] {
            let record = answer(&[&format!("{GOOD}; notify=https://{host}/x")]);
            assert_eq!(code(&record, &record).err(), want, "{host}");
        }
        assert_eq!(both(&[GOOD, "v=mailsins1; probe=none"]), "opted-out");
        assert_eq!(code(&answer(&[GOOD]), &answer(&[])), Err("resolvers-disagree"));
        assert_eq!(code(&answer(&[]), &answer(&[GOOD])), Err("resolvers-disagree"));
        assert_eq!(code(&answer(&[]), &answer(&["v=mailsins1; probe=none"])), Err("opted-out"));
        assert_eq!(code(&answer(&["v=mailsins1; probe=none"]), &answer(&[])), Err("opted-out"));
        let alias = DnsAnswer { aliases: vec![site()], ..answer(&[GOOD]) };
        assert_eq!(code(&alias, &answer(&[GOOD])), Err("alias"));
        assert_eq!(code(&answer(&[GOOD]), &alias), Err("alias"));
    }

    #[test]
    fn split_strings_are_one_text() {
        let (head, tail) = GOOD.split_at(20);
        let split =
            DnsAnswer { records: vec![Record::Txt(vec![head.to_owned(), tail.to_owned()])], ..DnsAnswer::default() };
        assert!(allowed(&site(), &split, &answer(&[GOOD]), &site()).is_ok());
    }
}
