//! What a message and the answers about it come to.

use super::arc::Chain;
use super::message::{NoAuthor, date, longest_line};
use super::words::Words;
use super::{Checked, Judged, Mail, Vouched, disclosure, filters};
use crate::checks::CHECKS;
use crate::evidence::{Answer, MailSeen, Sender};
use crate::facts::Facts;
use crate::spf::{self, SpfResult};
use crate::{Case, DomainName, Evidence, Inquiry, Unseen};

/// A clock may be this wrong, and a queue this slow, in seconds.
const LATE: i64 = 24 * 3600;
const EARLY: i64 = 3600;

/// The longest that a line may be, without its end (RFC 5322 section 2.1.1).
const LINE_MAX: usize = 998;

/// A header is large from here, in octets.
const HEADER_LARGE: usize = 32 * 1024;

/// What checks of hosts say of whoever handed it over.
const OF_SENDERS: [&str; 4] = ["ptr-exists", "ptr-forward-confirmed", "ptr-generic", "helo-name"];

/// Says what a message shows. `checked` has an entry for each readable signature, in their order; `chain` is what came of
/// its ARC.
pub fn judge(mail: &Mail, case: &Case, checked: &[Checked], chain: &Chain) -> Judged {
    let mut words = Words::of(mail);
    let facts = Facts::new(case);
    let spf = spf(mail, case, &mut words);
    let signed = dkim(mail, checked, &mut words);
    let vouched = dmarc(mail, &facts, spf, &signed, &mut words);
    arc(chain, &mut words);
    sender(mail, case, &mut words);
    form(mail, &mut words);
    filters::of(mail, &mut words);
    disclosure::of(mail, &facts, &mut words);
    Judged { said: words.done(), vouched }
}

/// The domain that SPF passes for.
fn spf(mail: &Mail, case: &Case, words: &mut Words) -> Result<Option<DomainName>, Unseen> {
    let Some(hop) = &mail.hop else {
        words.unseen(Unseen::NoReceived, "The service that took the message did not say who handed it over", "");
        return Err(Unseen::NoReceived);
    };
    let Some(domain) = mail.spf_domain() else {
        words.unseen(Unseen::NoBase, "Neither sender nor HELO name a domain", "");
        return Err(Unseen::NoBase);
    };
    let evaluation = match mail.spf(case) {
        Some(spf::Outcome::Done(evaluation)) => evaluation,
        _ => return Err(Unseen::OverCap),
    };
    let result = evaluation.result;
    let problem = evaluation.problem.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
    let seen = format!("{domain} from {}: {result}{problem}", hop.address);
    let code = match result {
        SpfResult::Pass => {
            words.say("spf-pass", seen);
            return Ok(Some(domain));
        }
        SpfResult::TempError => {
            let why = evaluation.unseen.unwrap_or(Unseen::ServFail);
            words.unseen(why, "SPF could not be looked up", seen);
            return Err(why);
        }
        SpfResult::None => "spf-none",
        SpfResult::PermError => "spf-permerror",
        SpfResult::Fail => "spf-fail",
        SpfResult::SoftFail => "spf-softfail",
        SpfResult::Neutral => "spf-neutral",
    };
    words.say(code, seen);
    Ok(None)
}

/// The domains whose signatures hold; an error where one could not be looked at and none holds.
fn dkim(mail: &Mail, checked: &[Checked], words: &mut Words) -> Result<Vec<DomainName>, Unseen> {
    if mail.signatures.is_empty() {
        words.say("dkim-none", "no DKIM-Signature field");
        return Ok(Vec::new());
    }
    let mut results = checked.iter();
    let (mut holding, mut failed, mut unseen) = (Vec::new(), Vec::new(), None);
    for signature in &mail.signatures {
        let signature = match signature {
            Err(fault) => {
                failed.push(("dkim-malformed", (*fault).to_owned()));
                continue;
            }
            Ok(signature) => signature,
        };
        let name = format!("{} signs with {}", signature.domain, signature.selector);
        match results.next().copied().unwrap_or(Checked::Unseen(Unseen::Pending)) {
            Checked::Pass { partial } => {
                holding.push(signature.domain.clone());
                words.say(if partial { "dkim-partial" } else { "dkim-pass" }, name);
            }
            Checked::Unseen(why) => {
                unseen = Some(why);
                words.unseen(why, "The key could not be looked up", name);
            }
            failure => failed.push((failure.code(), name)),
        }
    }
    for (code, name) in failed {
        // One that holds is enough; others may have been broken on the way.
        if holding.is_empty() && unseen.is_none() {
            words.say(code, name);
        } else {
            words.say("dkim-other-fails", format!("{name}: {code}"));
        }
    }
    match unseen {
        Some(why) if holding.is_empty() => Err(why),
        _ => Ok(holding),
    }
}

/// RFC 9989 section 4.10: does SPF or DKIM pass for a domain of the author's organization? Says which of them does.
fn dmarc(
    mail: &Mail,
    facts: &Facts,
    spf: Result<Option<DomainName>, Unseen>,
    signed: &Result<Vec<DomainName>, Unseen>,
    words: &mut Words,
) -> Option<Vouched> {
    let author = match &mail.author {
        Ok(author) => author,
        Err(why) => {
            let seen = match why {
                NoAuthor::Missing => "no From field".to_owned(),
                NoAuthor::Several | NoAuthor::Unreadable => from(mail),
            };
            words.say("no-author", seen);
            return None;
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
    let of_author = format!("From: {author}");
    let seen = |what: &str| format!("{of_author}\n{what}");
    if by_spf == Ok(Some(false)) {
        let domain = mail.spf_domain().map_or_else(String::new, String::from);
        words.say("spf-misaligned", seen(&format!("SPF passes for {domain}")));
    }
    if by_dkim == Ok(Some(false)) {
        let domains: Vec<_> = signed.iter().flatten().map(DomainName::as_str).collect();
        words.say("dkim-misaligned", seen(&format!("signed by {}", domains.join(", "))));
    }
    let vouched = match (by_spf, by_dkim) {
        (Ok(Some(true)), _) => Some(Vouched::Sender),
        (_, Ok(Some(true))) => Some(Vouched::Signature),
        _ => None,
    };
    match facts.dmarc() {
        _ if vouched.is_some() => {
            let by = if by_dkim == Ok(Some(true)) { "by its signature" } else { "by SPF" };
            words.say("dmarc-pass", seen(by));
        }
        Err(why) => words.unseen(why, "The DMARC record could not be looked up", of_author),
        Ok(found) => match (by_spf, by_dkim, found) {
            (Err(why), ..) | (_, Err(why), _) => {
                words.unseen(why, "Whether DMARC passes could not be seen", of_author);
            }
            (_, _, None) => words.say("dmarc-none", of_author),
            (_, _, Some(record)) => words.say("dmarc-fail", seen(&record.text)),
        },
    }
    vouched
}

fn from(mail: &Mail) -> String {
    let fields = mail.fields.iter().filter(|field| field.is("From"));
    fields.map(|field| format!("From: {}", field.text)).collect::<Vec<_>>().join("\n")
}

fn arc(chain: &Chain, words: &mut Words) {
    match chain {
        Chain::None => words.say("arc-none", ""),
        Chain::Pass(sets) => words.say("arc-pass", format!("{sets} sets")),
        Chain::Fail(instance, fault) => words.say("arc-fail", format!("set {instance}: {fault}")),
        Chain::Unseen(instance, why) => {
            words.unseen(*why, "A key of the ARC chain could not be looked up", format!("set {instance}"));
        }
    }
}

/// PTR and HELO of whoever handed it over, by the checks that say the same of a host.
fn sender(mail: &Mail, case: &Case, words: &mut Words) {
    let Some(hop) = &mail.hop else { return };
    let sender = Some(Sender { helo: hop.helo.clone(), address: hop.address });
    let mut case = case.clone();
    case.mail = true;
    let answer = Ok(Answer::Mail(MailSeen { came: case.started, sender, shown: Vec::new() }));
    case.add(Evidence { inquiry: Inquiry::Mail, at: case.started, took: 0, answer });
    let facts = Facts::new(&case);
    let address = hop.address.to_string();
    for check in CHECKS.iter().filter(|check| OF_SENDERS.contains(&check.id)) {
        let found = (check.judge)(&facts).into_iter();
        found.filter(|finding| finding.subject.ends_with(&address)).for_each(|finding| words.take(finding));
    }
}

/// Date and Message-ID (RFC 5322 sections 3.6.1 and 3.6.4), and what lines and header are like.
fn form(mail: &Mail, words: &mut Words) {
    let all = |name: &str| {
        mail.fields.iter().filter(|field| field.is(name)).map(|field| field.text.clone()).collect::<Vec<_>>()
    };
    let now = i64::try_from(mail.at).unwrap_or(i64::MAX);
    let dates = all("Date");
    let code = match dates.as_slice() {
        [] => "date-missing",
        [one] => match date(one) {
            None => "date-unread",
            Some(at) if at > now + EARLY => "date-future",
            Some(at) if at < now - LATE => "date-past",
            Some(_) => "date-sound",
        },
        _ => "date-repeated",
    };
    words.say(code, if dates.is_empty() { "no Date field".to_owned() } else { dates.join("\n") });
    let ids = all("Message-ID");
    let code = match ids.as_slice() {
        [] => "message-id-missing",
        [one] if one.starts_with('<') && one.ends_with('>') && one.contains('@') => "message-id-sound",
        [_] => "message-id-odd",
        _ => "message-id-repeated",
    };
    words.say(code, if ids.is_empty() { "no Message-ID field".to_owned() } else { ids.join("\n") });
    let longest = longest_line(mail.message);
    if longest > LINE_MAX {
        words.say("long-lines", format!("the longest has {longest} octets"));
    }
    let header: usize = mail.fields.iter().map(|field| field.raw.len() + 2).sum();
    if header > HEADER_LARGE {
        words.say("large-header", format!("{header} octets of header"));
    }
}
