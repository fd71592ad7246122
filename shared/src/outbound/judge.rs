//! What a message and the answers about it come to.

use std::net::IpAddr;

use super::message::{NoAuthor, date};
use super::{Checked, Mail, Said, disclosure, known};
use crate::evidence::Record;
use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::spf::{self, SpfResult};
use crate::{Case, DomainName, Unseen, Verdict};

/// A clock may be this wrong, and a queue this slow, in seconds.
const LATE: i64 = 24 * 3600;
const EARLY: i64 = 3600;

/// Says what a message shows. `checked` has an entry for each readable signature, in their order.
pub fn judge(mail: &Mail, case: &Case, checked: &[Checked]) -> Vec<Said> {
    let mut said = Vec::new();
    let facts = Facts::new(case);
    let spf = spf(mail, case, &mut said);
    let signed = dkim(mail, checked, &mut said);
    dmarc(mail, &facts, spf, &signed, &mut said);
    sender(mail, case, &mut said);
    form(mail, &mut said);
    disclosure::of(mail, &facts, &mut said);
    said
}

pub(super) fn say(outcome: &str, verdict: Verdict, title: &str, seen: impl Into<String>, change: Option<&str>) -> Said {
    Said {
        check: "outbound-mail".to_owned(),
        outcome: outcome.to_owned(),
        verdict,
        title: title.to_owned(),
        seen: seen.into(),
        change: change.map(str::to_owned),
    }
}

/// The domain that SPF passes for.
fn spf(mail: &Mail, case: &Case, said: &mut Vec<Said>) -> Result<Option<DomainName>, Unseen> {
    let (Some(hop), Some(domain)) = (&mail.hop, mail.spf_domain()) else {
        let why = if mail.hop.is_none() { "no-received" } else { "no-sender-domain" };
        let title = if mail.hop.is_none() {
            "The service that took the message did not say who handed it over"
        } else {
            "Neither sender nor HELO name a domain"
        };
        said.push(say(why, Verdict::Untested, title, "", None));
        return Err(Unseen::NoBase);
    };
    let evaluation = match mail.spf(case) {
        Some(spf::Outcome::Done(evaluation)) => evaluation,
        _ => return Err(Unseen::OverCap),
    };
    let result = evaluation.result;
    let problem = evaluation.problem.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
    let seen = format!("{} from {} for {domain}: {result}{problem}", mail.sender, hop.address);
    let change =
        "Let the SPF record of the sender's domain name every address that sends for it, and end in -all or ~all.";
    match result {
        SpfResult::Pass => {
            said.push(say("spf-pass", Verdict::Clean, "SPF passes", seen, None));
            return Ok(Some(domain));
        }
        SpfResult::TempError => {
            said.push(say("spf-temperror", Verdict::Untested, "SPF could not be looked up", seen, None));
            return Err(evaluation.unseen.unwrap_or(Unseen::ServFail));
        }
        SpfResult::None => {
            said.push(say("spf-none", Verdict::Venial, "The sender's domain has no SPF record", seen, Some(change)))
        }
        SpfResult::PermError => {
            said.push(say("spf-permerror", Verdict::Venial, "SPF can not be used", seen, Some(change)))
        }
        SpfResult::Fail => said.push(say(
            "spf-fail",
            Verdict::Venial,
            "SPF fails: this address may not send for the domain",
            seen,
            Some(change),
        )),
        SpfResult::SoftFail => said.push(say(
            "spf-softfail",
            Verdict::Venial,
            "SPF fails softly: this address is not named",
            seen,
            Some(change),
        )),
        SpfResult::Neutral => {
            said.push(say("spf-neutral", Verdict::Venial, "SPF says nothing of this address", seen, Some(change)))
        }
    }
    Ok(None)
}

/// The domains whose signatures hold; an error where one could not be looked at and none holds.
fn dkim(mail: &Mail, checked: &[Checked], said: &mut Vec<Said>) -> Result<Vec<DomainName>, Unseen> {
    const SIGN: &str =
        "Let the server sign what it sends with DKIM, under the domain in From, after everything else that changes it.";
    if mail.signatures.is_empty() {
        said.push(say("dkim-none", Verdict::Venial, "The message is not signed", "", Some(SIGN)));
        return Ok(Vec::new());
    }
    let mut results = checked.iter();
    let (mut holding, mut failed, mut unseen) = (Vec::new(), Vec::new(), None);
    for signature in &mail.signatures {
        let (name, (outcome, title)) = match signature {
            Err(fault) => (String::new(), ("dkim-malformed", *fault)),
            Ok(signature) => {
                let name = format!("{} signs with {}", signature.domain, signature.selector);
                let checked = results.next().copied().unwrap_or(Checked::Unseen(Unseen::Pending));
                if let Checked::Pass { partial } = checked {
                    holding.push(signature.domain.clone());
                    let (outcome, verdict, title) = pass(partial);
                    let change =
                        (verdict > Verdict::Clean).then_some("Sign without l=: whoever has the message can add to it.");
                    said.push(say(outcome, verdict, title, name, change));
                    continue;
                }
                if let Checked::Unseen(why) = checked {
                    unseen = Some(why);
                    said.push(say("dkim-unseen", Verdict::Untested, "The key could not be looked up", name, None));
                    continue;
                }
                (name, failure(checked))
            }
        };
        failed.push((outcome, title, name));
    }
    // One that holds is enough; others may have been broken on the way.
    let verdict = if holding.is_empty() && unseen.is_none() { Verdict::Venial } else { Verdict::Note };
    for (outcome, title, name) in failed {
        said.push(say(outcome, verdict, title, name, (verdict == Verdict::Venial).then_some(SIGN)));
    }
    match unseen {
        Some(why) if holding.is_empty() => Err(why),
        _ => Ok(holding),
    }
}

const fn pass(partial: bool) -> (&'static str, Verdict, &'static str) {
    if partial {
        ("dkim-partial", Verdict::Venial, "The signature holds, and leaves the end of the body open")
    } else {
        ("dkim-pass", Verdict::Clean, "The DKIM signature holds")
    }
}

const fn failure(checked: Checked) -> (&'static str, &'static str) {
    match checked {
        Checked::BodyAltered => ("dkim-body", "The signature fails: the body is not the one that was signed"),
        Checked::HeaderAltered => {
            ("dkim-header", "The signature fails: the header is not the one that was signed, or not with this key")
        }
        Checked::Expired => ("dkim-expired", "The signature has expired"),
        Checked::NoKey => ("dkim-no-key", "The key of the signature is not in DNS"),
        Checked::Revoked => ("dkim-revoked", "The key of the signature was withdrawn"),
        Checked::UnusableKey => ("dkim-unusable-key", "The key of the signature can not be used"),
        Checked::Pass { .. } | Checked::Unseen(_) => ("dkim-unseen", "The signature was not looked at"),
    }
}

/// RFC 9989 section 4.10: does SPF or DKIM pass for a domain of the author's organization?
fn dmarc(
    mail: &Mail,
    facts: &Facts,
    spf: Result<Option<DomainName>, Unseen>,
    signed: &Result<Vec<DomainName>, Unseen>,
    said: &mut Vec<Said>,
) {
    let author = match &mail.author {
        Ok(author) => author,
        Err(why) => {
            let title = match why {
                NoAuthor::Missing => "There is no From field, so nobody can say whose message it is",
                NoAuthor::Several => "From names several authors, which receivers refuse",
                NoAuthor::Unreadable => "There is no address with a domain in From",
            };
            let change = "Send with one From field that holds one address.";
            return said.push(say("no-author", Verdict::Mortal, title, from(mail), Some(change)));
        }
    };
    let strict = |tag: &str| match facts.dmarc() {
        Ok(Some(record)) => record.text.split(';').any(|part| {
            part.split_once('=').is_some_and(|(name, value)| {
                name.trim().eq_ignore_ascii_case(tag) && value.trim().eq_ignore_ascii_case("s")
            })
        }),
        _ => false,
    };
    let aligned = |domain: &DomainName, tag: &str| {
        Ok::<_, Unseen>(
            domain == author || (!strict(tag) && facts.organization(domain)? == facts.organization(author)?),
        )
    };
    let by_spf = spf.and_then(|domain| domain.map_or(Ok(None), |domain| Ok(Some(aligned(&domain, "aspf")?))));
    let by_dkim = signed.as_ref().map_err(|why| *why).and_then(|domains| {
        let mut any = None;
        for domain in domains {
            any = Some(any.unwrap_or(false) || aligned(domain, "adkim")?);
        }
        Ok(any)
    });
    let seen = |what: &str| format!("{}\n{what}", from(mail));
    if by_spf == Ok(Some(false)) {
        let what = format!("SPF passes for {}", mail.spf_domain().map_or_else(String::new, String::from));
        said.push(say(
            "spf-misaligned",
            Verdict::Note,
            "SPF passes for another domain than that in From",
            seen(&what),
            None,
        ));
    }
    if by_dkim == Ok(Some(false)) {
        let domains: Vec<_> = signed.iter().flatten().map(DomainName::as_str).collect();
        let what = format!("signed by {}", domains.join(", "));
        said.push(say(
            "dkim-misaligned",
            Verdict::Note,
            "The signature is of another domain than that in From",
            seen(&what),
            None,
        ));
    }
    let passes = by_spf == Ok(Some(true)) || by_dkim == Ok(Some(true));
    let change =
        "Sign with DKIM under the domain in From, or send from an address of that domain which its SPF record names.";
    match facts.dmarc() {
        _ if passes => {
            let by = if by_dkim == Ok(Some(true)) { "by its signature" } else { "by SPF" };
            said.push(say("dmarc-pass", Verdict::Clean, "DMARC passes", seen(by), None));
        }
        Err(_) => said.push(say(
            "dmarc-unseen",
            Verdict::Untested,
            "The DMARC record could not be looked up",
            from(mail),
            None,
        )),
        _ if by_spf.is_err() || by_dkim.is_err() => {
            said.push(say(
                "dmarc-unseen",
                Verdict::Untested,
                "Whether DMARC passes could not be seen",
                from(mail),
                None,
            ));
        }
        Ok(None) => {
            let title =
                "Neither SPF nor DKIM stand for the domain in From, and it has no DMARC record that says what to do";
            said.push(say("dmarc-none", Verdict::Venial, title, from(mail), Some(change)));
        }
        Ok(Some(record)) => {
            let title = "DMARC fails: neither SPF nor DKIM pass for the domain in From";
            said.push(say("dmarc-fail", Verdict::Mortal, title, seen(&record.text), Some(change)));
        }
    }
}

fn from(mail: &Mail) -> String {
    let fields = mail.fields.iter().filter(|field| field.is("From"));
    fields.map(|field| format!("From: {}", field.text)).collect::<Vec<_>>().join("\n")
}

/// PTR and HELO of whoever handed it over.
fn sender(mail: &Mail, case: &Case, said: &mut Vec<Said>) {
    let Some(hop) = &mail.hop else { return };
    let address = hop.address;
    let leads = |name: &DomainName| leads_to(case, name, address);
    let ptr = "Let the address have a PTR record with the server's name, and that name this address.";
    let seen = |what: &str| format!("{address} {what}");
    let pointers = known(case, &DomainName::reverse(address), RecordType::Ptr).map(|answer| answer.pointers());
    match pointers {
        Err(_) => said.push(say(
            "ptr-unseen",
            Verdict::Untested,
            "The sender's PTR record could not be looked up",
            seen(""),
            None,
        )),
        Ok(names) if names.is_empty() => {
            said.push(say(
                "ptr-missing",
                Verdict::Mortal,
                "The sending address has no name",
                seen("has no PTR record"),
                Some(ptr),
            ));
        }
        Ok(names) => {
            let list = names.iter().map(DomainName::as_str).collect::<Vec<_>>().join(", ");
            let looked: Vec<_> = names.iter().take(3).map(leads).collect();
            if looked.contains(&Ok(true)) {
                said.push(say(
                    "ptr-confirmed",
                    Verdict::Clean,
                    "The sending address has a name that leads back to it",
                    seen(&list),
                    None,
                ));
            } else if looked.iter().any(Result::is_err) {
                said.push(say(
                    "ptr-unseen",
                    Verdict::Untested,
                    "Whether the sender's name leads back could not be seen",
                    seen(&list),
                    None,
                ));
            } else {
                said.push(say(
                    "ptr-unconfirmed",
                    Verdict::Mortal,
                    "The sending address has a name that does not lead back to it",
                    seen(&list),
                    Some(ptr),
                ));
            }
        }
    }
    let helo = format!("HELO {}", hop.helo);
    let change = "Let the server greet with its full name, which leads to its address.";
    match DomainName::new(&hop.helo).ok().filter(|name| name.labels() > 1).map(|name| leads(&name)) {
        None => {
            said.push(say("helo-no-name", Verdict::Venial, "The server greets with no full name", helo, Some(change)))
        }
        Some(Ok(true)) => said.push(say(
            "helo-resolves",
            Verdict::Clean,
            "The server greets with a name that leads to it",
            helo,
            None,
        )),
        Some(Ok(false)) => said.push(say(
            "helo-elsewhere",
            Verdict::Venial,
            "The server greets with a name that does not lead to it",
            helo,
            Some(change),
        )),
        Some(Err(_)) => {
            said.push(say("helo-unseen", Verdict::Untested, "The name in HELO could not be looked up", helo, None))
        }
    }
}

fn leads_to(case: &Case, name: &DomainName, address: IpAddr) -> Result<bool, Unseen> {
    let family = if address.is_ipv4() { RecordType::A } else { RecordType::Aaaa };
    Ok(known(case, name, family)?.records.iter().filter_map(Record::address).any(|found| found == address))
}

/// Date and Message-ID (RFC 5322 sections 3.6.1 and 3.6.4).
fn form(mail: &Mail, said: &mut Vec<Said>) {
    let all = |name: &str| {
        mail.fields.iter().filter(|field| field.is(name)).map(|field| field.text.clone()).collect::<Vec<_>>()
    };
    let now = i64::try_from(mail.at).unwrap_or(i64::MAX);
    let dates = all("Date");
    let clock = "Let the server have the right time, and write one Date field.";
    let (outcome, verdict, title) = match dates.as_slice() {
        [] => ("date-missing", Verdict::Venial, "There is no Date"),
        [one] => match date(one) {
            None => ("date-unread", Verdict::Note, "The Date can not be read"),
            Some(at) if at > now + EARLY => ("date-future", Verdict::Venial, "The Date is in the future"),
            Some(at) if at < now - LATE => ("date-past", Verdict::Venial, "The Date is more than a day old"),
            Some(_) => ("date-sound", Verdict::Clean, "The Date is right"),
        },
        _ => ("date-repeated", Verdict::Venial, "There are several Date fields"),
    };
    said.push(say(outcome, verdict, title, dates.join("\n"), (verdict == Verdict::Venial).then_some(clock)));
    let ids = all("Message-ID");
    let id = "Let the mail program or the server write one Message-ID.";
    let (outcome, verdict, title) = match ids.as_slice() {
        [] => ("message-id-missing", Verdict::Venial, "There is no Message-ID"),
        [one] if one.starts_with('<') && one.ends_with('>') && one.contains('@') => {
            ("message-id-sound", Verdict::Clean, "There is a Message-ID")
        }
        [_] => ("message-id-odd", Verdict::Note, "The Message-ID is not of the usual form"),
        _ => ("message-id-repeated", Verdict::Venial, "There are several Message-ID fields"),
    };
    said.push(say(outcome, verdict, title, ids.join("\n"), (verdict == Verdict::Venial).then_some(id)));
}
