//! Words for domains where there is little to grade.

use shared::evidence::{DnsAnswer, Record, Target};
use shared::inquiry::RecordType;
use shared::{Evidence, Inquiry, Report, Unseen};
use yew::{Html, html};

/// A word before the findings, where one is due.
pub(crate) fn notice(report: &Report) -> Html {
    let (title, text) = match special(report) {
        None => return Html::default(),
        Some(Special::NoSuchDomain) => (
            "There is no such domain",
            "DNS says that this name does not exist. Look for a typing error, or whether its registration ran out.",
        ),
        Some(Special::TakesNoMail) => (
            "It says that it takes no mail, and says so properly",
            "Its only MX record is the root, \".\" (Null MX, RFC 7505): senders give up at once instead of trying for days.",
        ),
        Some(Special::ResolverDown) => (
            "Our resolver could not be reached",
            "No DNS question came through from our end, so nothing is concluded about this domain. Please try again in some minutes.",
        ),
    };
    html! {
        <section class="notice" aria-labelledby="notice"><h2 id="notice">{ title }</h2><p>{ text }</p></section>
    }
}

/// Did no DNS question come through at all?
#[cfg(feature = "browser")]
pub(crate) fn is_resolver_down(report: &Report) -> bool {
    special(report) == Some(Special::ResolverDown)
}

/// What is special about a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Special {
    NoSuchDomain,
    TakesNoMail,
    ResolverDown,
}

fn special(report: &Report) -> Option<Special> {
    let mut dns = report.evidence.iter().filter(|e| matches!(e.inquiry, Inquiry::Dns { .. })).peekable();
    dns.peek()?;
    let down = |e: &Evidence| matches!(e.answer, Err(Unseen::ResolverFailed | Unseen::DnsTimeout));
    if dns.all(down) {
        return Some(Special::ResolverDown);
    }
    let asked = Inquiry::dns(&report.domain, RecordType::Mx);
    let answer = report.evidence.iter().find(|e| e.inquiry == asked)?.dns()?;
    match answer {
        DnsAnswer { nxdomain: true, .. } => Some(Special::NoSuchDomain),
        DnsAnswer { records, .. }
            if matches!(records.as_slice(), [Record::Mx { exchange: Target::Root, preference: 0 }]) =>
        {
            Some(Special::TakesNoMail)
        }
        _ => None,
    }
}
