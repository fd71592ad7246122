//! # mta-sts
//!
//! **Objective.** Others deliver to the domain only over TLS whose certificate they have checked.
//!
//! **Evidence.** The TXT records at `_mta-sts.` of a domain that takes mail; where exactly one begins with `v=STSv1;`, the
//! policy at `https://mta-sts.<domain>/.well-known/mta-sts.txt`, without following redirects; the names of the MX hosts, and
//! the certificates that they show on port 25.
//!
//! **Outcomes.**
//! - `enforced`: the policy is enforced, and names every MX host.
//! - `excludes-all`: the policy is enforced and names no MX host of the domain, so that senders who follow it deliver
//!   nothing. Mortal.
//! - `excludes-some`: the policy is enforced and does not name some of the MX hosts. Venial.
//! - `mx-certificates`: the policy is enforced, and the certificate of every MX host that it names fails: it has expired, is
//!   not valid yet, leads to no widely trusted authority or has no DNS name for the host; or there is no STARTTLS. Mortal:
//!   senders who follow the policy deliver nothing.
//! - `some-mx-certificates`: the same of some MX hosts, or of some addresses. Venial.
//! - `testing`: the policy asks only for reports. A note.
//! - `none`: the policy says that there is none any more. A note.
//! - `absent`: no record. A note.
//! - `record`: the record is not as it must be. Venial.
//! - `several`: more than one record, so that senders use none. Venial.
//! - `unavailable`: a record, but no policy: a redirect, a status that is not 200, or a host without a public address.
//!   Venial.
//! - `unavailable-to-us`: the policy's host does not give it to us now (401, 403, 408, 429, 5xx, or no common TLS); it may
//!   to others. Venial, suspected.
//! - `certificate`: the certificate of the policy's host has expired, is not valid yet, is broken or is for other names.
//!   Venial.
//! - `certificate-untrusted`: that certificate does not lead to an authority that we trust. Venial, suspected.
//! - `media-type`: the policy is not `text/plain`. Venial.
//! - `policy`: what stands there is not a policy that senders can use. Venial.
//! - `short-lived`: senders may go by the policy for less than a day only. A note.
//! - `ignored-parts`: the record or policy has parts that senders ignore. A note.
//!
//! Where the policy cannot be fetched and we cannot tell whose fault it is, the check is untested.
//!
//! **Source.** RFC 8461 sections 3 to 5.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{FetchFault, Fetched};
use crate::facts::{Checked, Facts};
use crate::inquiry::RecordType;
use crate::syntax::Fault;
use crate::syntax::mta_sts::{self, Mode, usable};
use crate::{DomainName, Finding, HttpsUrl, Sin, Unseen};

/// A shorter `max_age`, in seconds, hardly outlives the next message.
const DAY: u32 = 86_400;

/// How much of a policy is shown, in characters.
const SHOWN_MAX: usize = 2_000;

/// How many faults are shown in words.
const WORDS_MAX: usize = 5;

outcomes! {
    Enforced = "enforced", Clean, "Mail arrives over checked TLS only",
        "Senders that know MTA-STS deliver to the named hosts only, and only over TLS with a valid certificate.";
    ExcludesAll = "excludes-all", Mortal, "The MTA-STS policy excludes every MX host",
        "Senders that follow MTA-STS, the largest providers among them, may deliver to none of this domain's MX hosts: their mail does not arrive." => MtaStsNameHosts;
    ExcludesSome = "excludes-some", Venial, "The MTA-STS policy excludes some MX hosts",
        "Senders that follow MTA-STS never use the hosts that the policy does not name. When the others are down, their mail waits or comes back." => MtaStsNameHosts;
    MxCertificates = "mx-certificates", Mortal, "MTA-STS is enforced, and no MX host has a certificate that passes",
        "Senders that follow MTA-STS, the largest providers among them, deliver only over TLS with a valid certificate for the MX host: their mail does not arrive." => MtaStsCertificates;
    SomeMxCertificates = "some-mx-certificates", Venial, "MTA-STS is enforced, and not every MX host has a certificate that passes",
        "Senders that follow MTA-STS do not deliver to hosts whose certificate fails. When the others are down, their mail waits or comes back." => MtaStsCertificates;
    Testing = "testing", Note, "MTA-STS is in testing",
        "Senders report what would fail, but still deliver over connections that somebody may read or change.";
    None = "none", Note, "MTA-STS has been withdrawn",
        "The policy tells senders to forget about it, which is how MTA-STS is taken down.";
    Absent = "absent", Note, "No MTA-STS",
        "Whoever sits between a sender and this domain can suppress TLS, and mail goes in the clear. MTA-STS or DANE prevents that.";
    Record = "record", Venial, "The MTA-STS record is faulty",
        "Senders pass over a record that is not as RFC 8461 says, and then there is no protection." => MtaStsRecord;
    Several = "several", Venial, "More than one MTA-STS record",
        "With two records senders act as if there were none." => MtaStsRecord;
    Unavailable = "unavailable", Venial, "The MTA-STS policy cannot be fetched",
        "The record promises a policy, but at its address there is none. Senders use only a direct answer with status 200, so there is no protection." => MtaStsServe;
    UnavailableToUs = "unavailable-to-us", Venial suspected, "The MTA-STS policy is not given out",
        "The policy's host did not hand it to us. If senders fare alike, there is no protection." => MtaStsServe;
    Certificate = "certificate", Venial, "The MTA-STS policy's host has a bad certificate",
        "Senders take a policy only from a host with a valid certificate in its name, so there is no protection." => MtaStsServe;
    CertificateUntrusted = "certificate-untrusted", Venial suspected, "The MTA-STS policy's host has a certificate that is not trusted",
        "Senders take a policy only from a host whose certificate leads to an authority that they trust." => MtaStsServe;
    MediaType = "media-type", Venial, "The MTA-STS policy is not text/plain",
        "A policy must be served as text/plain, and senders should refuse it otherwise." => MtaStsServe;
    Policy = "policy", Venial, "The MTA-STS policy is faulty",
        "Senders that read the policy as RFC 8461 says cannot use it, so there is no protection." => MtaStsServe;
    ShortLived = "short-lived", Note, "The MTA-STS policy is forgotten within a day",
        "Senders keep the policy no longer than its max_age. The shorter that is, the sooner somebody who blocks the next fetch gets rid of it; weeks are usual.";
    IgnoredParts = "ignored-parts", Note, "Senders ignore parts of the MTA-STS texts",
        "Of a field that stands there twice only the first counts, and empty lines are not allowed for.";
}

pub(super) const CHECK: Check = Check {
    id: "mta-sts",
    sin: Sin::DnsErrors,
    title: "MTA-STS",
    source: "RFC 8461 sections 3 to 5",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let untested = |why, seen| vec![CHECK.untested(facts, why, &Subject::Domain, seen)];
    if let Err(instead) = CHECK.of_mail_domain(facts) {
        return instead;
    }
    let (Some(name), Some(url)) = (mta_sts::name(facts.domain()), mta_sts::policy_url(facts.domain())) else {
        return Vec::new();
    };
    let answer = match facts.dns(&name, RecordType::Txt) {
        Ok(answer) => answer,
        Err(why) => return untested(why, Seen::default()),
    };
    let found = |outcome, seen| vec![CHECK.found(facts, outcome, &Subject::Domain, seen)];
    let sorted = mta_sts::read(answer);
    let text = match (sorted.records.as_slice(), sorted.look_alikes.as_slice()) {
        ([text], _) => text,
        ([], []) => return found(Outcome::Absent, Seen::dns(&name, RecordType::Txt, answer)),
        ([], [other, ..]) => return found(Outcome::Record, record(&name, other, &mta_sts::txt_faults(other))),
        // RFC 8461 section 3.1: unless there is exactly one, there is no MTA-STS.
        _ => return found(Outcome::Several, Seen::dns(&name, RecordType::Txt, answer)),
    };
    let says = mta_sts::txt(text);
    let seen = record(&name, text, &says.faults);
    if !usable(&says.faults) {
        return found(Outcome::Record, seen);
    }
    match facts.fetched(&url) {
        Err(why) => untested(why, seen.and(Seen::text(url.as_str()))),
        Ok(Err(fault)) => found(faulty(fault), seen.and(Seen::text(format!("{url}\n{}", fault.sentence())))),
        Ok(Ok(response)) => policy(facts, &url, response, &seen, says.faults.is_empty()),
    }
}

fn faulty(fault: FetchFault) -> Outcome {
    match fault {
        FetchFault::NoAddress | FetchFault::NotPublic => Outcome::Unavailable,
        // A party between us and the host may have put its own certificate there.
        FetchFault::CertificateUntrusted => Outcome::CertificateUntrusted,
        FetchFault::Tls => Outcome::UnavailableToUs,
        // RFC 8461 section 3.3: valid for the host, and not expired.
        FetchFault::CertificateExpired
        | FetchFault::CertificateNotYetValid
        | FetchFault::CertificateName
        | FetchFault::CertificateInvalid => Outcome::Certificate,
    }
}

/// Findings from what stands at the policy's address.
fn policy(facts: &Facts<'_>, url: &HttpsUrl, response: &Fetched, record: &Seen, tidy: bool) -> Vec<Finding> {
    let found = |outcome, seen| CHECK.found(facts, outcome, &Subject::Domain, record.clone().and(seen));
    match response.status {
        200 => {}
        // RFC 8461 section 3.3: only 200 counts, and redirects are not followed. These statuses
        // may depend on who asks, or when.
        401 | 403 | 408 | 425 | 429 | 500.. => return vec![found(Outcome::UnavailableToUs, head(url, response))],
        _ => return vec![found(Outcome::Unavailable, head(url, response))],
    }
    if response.essence() != "text/plain" {
        // RFC 8461 section 3.2.
        return vec![found(Outcome::MediaType, head(url, response).mark(&response.media_type))];
    }
    if response.truncated {
        // Whether senders stop reading here as well is theirs to say (RFC 8461 section 3.3).
        return vec![CHECK.untested(
            facts,
            Unseen::Overlong,
            &Subject::Domain,
            record.clone().and(head(url, response)),
        )];
    }
    let policy = mta_sts::policy(&response.body);
    let seen = body(url, response, &policy.faults);
    if !usable(&policy.faults) {
        return vec![found(Outcome::Policy, seen)];
    }
    if policy.mode == Some(Mode::Enforce) && facts.targets().is_empty() {
        // No MX target is a name that could match.
        return vec![CHECK.untested(facts, Unseen::NoBase, &Subject::Domain, record.clone().and(seen))];
    }
    let outcomes = match policy.mode {
        Some(Mode::Enforce) => enforced(facts, &policy),
        Some(Mode::Testing) => vec![(Outcome::Testing, Seen::default())],
        _ => vec![(Outcome::None, Seen::default())],
    };
    let mut findings: Vec<_> =
        outcomes.into_iter().map(|(outcome, hosts)| found(outcome, seen.clone().and(hosts))).collect();
    // RFC 8461 section 3.2 expects weeks or more. Who withdraws a policy makes it short (section 8.3).
    if policy.mode != Some(Mode::None) && policy.max_age.is_some_and(|age| age < DAY) {
        findings.push(found(Outcome::ShortLived, seen.clone().mark("max_age")));
    }
    if !tidy || !policy.faults.is_empty() {
        findings.push(found(Outcome::IgnoredParts, seen));
    }
    findings
}

/// Which MX hosts an enforced policy lets senders use (RFC 8461 sections 4.1 and 4.2).
fn enforced(facts: &Facts<'_>, policy: &mta_sts::Policy) -> Vec<(Outcome, Seen)> {
    let hosts = facts.targets();
    let (mut outside, mut failing) = (Seen::default(), Seen::default());
    let (mut excluded, mut useless) = (0, 0);
    for host in &hosts {
        if policy.allows(host) {
            let (all, seen) = failing_at(facts, host);
            useless += usize::from(all);
            failing = failing.and(seen);
        } else {
            excluded += 1;
            outside = outside.and(Seen::text(format!("{} MX {host}", facts.domain())).mark(host.as_str()));
        }
    }
    // Section 5: senders must not deliver to hosts that do not match, or whose certificate fails.
    let mut outcomes = Vec::new();
    match excluded {
        0 => {}
        n if n == hosts.len() => return vec![(Outcome::ExcludesAll, outside)],
        _ => outcomes.push((Outcome::ExcludesSome, outside)),
    }
    if !failing.is_empty() {
        let all = excluded + useless == hosts.len();
        outcomes.push((if all { Outcome::MxCertificates } else { Outcome::SomeMxCertificates }, failing));
    }
    if outcomes.is_empty() {
        outcomes.push((Outcome::Enforced, Seen::default()));
    }
    outcomes
}

/// At which addresses a host's certificate fails, and whether that is all of them, and all were seen.
fn failing_at(facts: &Facts<'_>, target: &DomainName) -> (bool, Seen) {
    let hosts = facts.hosts_of(target);
    let both = [RecordType::A, RecordType::Aaaa].iter().all(|record| facts.dns(target, *record).is_ok());
    let mut all = !hosts.is_empty() && both && !facts.hosts().1;
    let mut seen = Seen::default();
    for host in hosts {
        match facts.checked(target, &host) {
            Ok(Checked::Fails(why)) => {
                seen = seen.and(Seen::text(format!("{target}, {}: {why}", host.address)).mark(why))
            }
            Ok(Checked::Fine) | Err(_) => all = false,
        }
    }
    (all, seen)
}

fn record(name: &DomainName, text: &str, faults: &[Fault]) -> Seen {
    Seen::txt(name.as_str(), text, faults.iter().map(|fault| (fault.start, fault.end))).and(words(faults))
}

fn head(url: &HttpsUrl, response: &Fetched) -> Seen {
    let mut text = format!("{url}\n{} {}", response.status, response.media_type);
    if let Some(to) = &response.redirect {
        text = format!("{text}\nLocation: {to}");
    }
    Seen::text(text)
}

/// A response with its body, and marks on its faults.
fn body(url: &HttpsUrl, response: &Fetched, faults: &[Fault]) -> Seen {
    let shown: String = response.body.trim_end().chars().take(SHOWN_MAX).collect();
    let places = faults.iter().map(|fault| (fault.start, fault.end));
    head(url, response).and(Seen::quoted("", &shown, "", places)).and(words(faults))
}

fn words(faults: &[Fault]) -> Seen {
    let mut words: Vec<&str> = faults.iter().map(|fault| fault.message).collect();
    words.dedup();
    words.truncate(WORDS_MAX);
    Seen::text(words.join("\n"))
}
