//! All evidence: every DNS answer, document and conversation, with times.

use shared::evidence::{Exchange, Handshake, Hello, LineExchange, Record, Target, Tls};
use shared::inquiry::Script;
use shared::visible::visible;
use shared::{Answer, Evidence, Inquiry};
use yew::{Html, html};

use super::names::hosts;
use crate::text::{count, duration};

/// Evidence is sorted by inquiry, so that the conversations with a port stand together.
pub(crate) fn transcript(evidence: &[Evidence]) -> Html {
    if evidence.is_empty() {
        return Html::default();
    }
    let names = hosts(evidence.iter());
    let dns: Vec<&Evidence> = evidence.iter().filter(|e| matches!(e.inquiry, Inquiry::Dns { .. })).collect();
    let port_of = |piece: &Evidence| match &piece.inquiry {
        Inquiry::Probe { address, port, .. } => Some((*address, *port)),
        _ => None,
    };
    let host = |pieces: &[Evidence]| {
        let Some((address, port)) = pieces.first().and_then(port_of) else { return Html::default() };
        let name = names.get(&address).map(|n| format!("{n}, ")).unwrap_or_default();
        html! {
            <details class="fold" key={format!("{address} {port}")}>
                <summary>{ format!("{name}{address}, port {port}") }</summary>
                { for pieces.iter().map(conversation) }
            </details>
        }
    };
    html! {
        <section class="plain" id="transcript" aria-labelledby="transcript-title">
            <h2 id="transcript-title">{ "The whole transcript" }</h2>
            <details class="fold" key="dns">
                <summary>{ count(dns.len(), "DNS answer", "DNS answers") }</summary>
                <pre>{ dns.iter().map(|e| dns_text(e)).collect::<String>() }</pre>
            </details>
            { for evidence.iter().filter_map(document) }
            { for evidence.chunk_by(|a, b| port_of(a) == port_of(b)).map(host) }
        </section>
    }
}

/// What was fetched from the web.
fn document(piece: &Evidence) -> Option<Html> {
    let Inquiry::Fetch { url } = &piece.inquiry else { return None };
    let text = match &piece.answer {
        Err(unseen) => unseen.sentence().to_owned(),
        Ok(Answer::NotFetched(fault)) => fault.sentence().to_owned(),
        Ok(Answer::Fetch(got)) => {
            let to = got.redirect.as_ref().map(|to| format!("Location: {to}\n")).unwrap_or_default();
            let more = if got.truncated { "\n…" } else { "" };
            // Most files end their lines with CRLF.
            format!("{} {}\n{to}\n{}{more}", got.status, got.media_type, got.body.replace("\r\n", "\n"))
        }
        Ok(_) => return None,
    };
    Some(html! {
        <details class="fold" key={url.as_str().to_owned()}>
            <summary>{ url.as_str() }<small>{ duration(piece.took.into()) }</small></summary>
            <pre>{ visible(&text) }</pre>
        </details>
    })
}

/// A question and its answer, a line each.
fn dns_text(piece: &Evidence) -> String {
    let mut out = format!("{}  ({})\n", piece.inquiry, duration(piece.took.into()));
    match &piece.answer {
        Err(unseen) => out += &format!("    {unseen}\n"),
        Ok(Answer::Dns(answer)) => {
            for alias in &answer.aliases {
                out += &format!("    is an alias of {alias}\n");
            }
            if answer.nxdomain {
                out += "    this name does not exist\n";
            } else if answer.records.is_empty() {
                out += "    no such record\n";
            }
            for record in &answer.records {
                out += &format!("    {}\n", record_text(record));
            }
            if answer.authenticated {
                out += "    signed, and the signature holds (DNSSEC)\n";
            }
        }
        Ok(_) => {}
    }
    out
}

fn record_text(record: &Record) -> String {
    match record {
        Record::A(address) => address.to_string(),
        Record::Aaaa(address) => address.to_string(),
        Record::Mx { preference, exchange } => format!("{preference} {}", target_text(exchange)),
        Record::Txt(strings) | Record::Spf(strings) => {
            strings.iter().map(|s| format!("\"{}\"", visible(s))).collect::<Vec<_>>().join(" ")
        }
        Record::Ptr(target) | Record::Ns(target) => target_text(target),
        Record::Soa { primary, contact, serial, refresh, retry, expire, minimum } => {
            let names = format!("{} {}", target_text(primary), target_text(contact));
            format!("{names} {serial} {refresh} {retry} {expire} {minimum}")
        }
        Record::Tlsa { usage, selector, matching, data } => format!("{usage} {selector} {matching} {data}"),
        Record::Srv { priority, weight, port, target } => {
            format!("{priority} {weight} {port} {}", target_text(target))
        }
    }
}

fn target_text(target: &Target) -> String {
    match target {
        Target::Root => ".".to_owned(),
        Target::Name(name) => name.to_string(),
        Target::Odd(text) => visible(text),
    }
}

/// A conversation, or why there was none.
fn conversation(piece: &Evidence) -> Html {
    let what = match &piece.inquiry {
        Inquiry::Probe { script: Script::SmtpRecipients { again: true, .. }, .. } => "Which recipients it takes by now",
        Inquiry::Probe { script: Script::SmtpRecipients { .. }, .. } => "Which recipients it takes",
        Inquiry::Probe { script: Script::Hello(_, offer), .. } => offer.text(),
        Inquiry::Probe { script, .. } if script.injects() => "What it does with words said before TLS",
        Inquiry::Probe { script: Script::Deliver { sample, .. }, .. } => sample.words(),
        Inquiry::Probe { .. } => "What it says of itself",
        _ => "",
    };
    let body = match &piece.answer {
        Err(unseen) => html! { <p>{ unseen.sentence() }</p> },
        Ok(Answer::Smtp(session)) => html! {
            <>
                <pre>
                    { for session.exchanges.iter().filter(|e| !e.secure).map(exchange) }
                    <span class="us">{ session.tls.as_ref().map(encryption) }</span>
                    <span class="us">{ session.client_hello.as_ref().map(offered) }</span>
                    { for session.exchanges.iter().filter(|e| e.secure).map(exchange) }
                </pre>
                if let Some(broke) = session.broke { <p>{ broke.sentence() }</p> }
            </>
        },
        Ok(Answer::Lines(session)) => html! {
            <>
                <pre>
                    { for session.exchanges.iter().filter(|e| !e.secure).map(line_exchange) }
                    <span class="us">{ session.tls.as_ref().map(encryption) }</span>
                    <span class="us">{ session.client_hello.as_ref().map(offered) }</span>
                    { for session.exchanges.iter().filter(|e| e.secure).map(line_exchange) }
                </pre>
                if let Some(broke) = session.broke { <p>{ broke.sentence() }</p> }
            </>
        },
        Ok(Answer::Hello(hello)) => html! { <pre><span class="us">{ offered(hello) }</span></pre> },
        Ok(_) => Html::default(),
    };
    html! { <><p class="what">{ what }<small>{ duration(piece.took.into()) }</small></p>{ body }</> }
}

/// The answer to an offer, in a line.
fn offered(hello: &Hello) -> String {
    format!("    ({})\n", visible(&hello.answer.text()))
}

/// What came of a handshake, in a line.
fn encryption(tls: &Tls) -> String {
    match &tls.outcome {
        Handshake::Done(secured) => {
            let group = secured.group.as_deref().unwrap_or_default();
            visible(&format!("    ({} {} {group})\n", secured.version, secured.suite))
        }
        Handshake::Failed(fault, detail) => {
            visible(&format!("    ({} {})\n", fault.sentence(), detail.as_deref().unwrap_or_default()))
        }
    }
}

fn exchange(exchange: &Exchange) -> Html {
    let mut reply = String::new();
    if let Some(answer) = &exchange.reply {
        let last = answer.lines.len().saturating_sub(1);
        for (n, line) in answer.lines.iter().enumerate() {
            let separator = if n == last { ' ' } else { '-' };
            // A line feed within a line would forge the next one.
            reply += &format!("{}{separator}{}\n", answer.code, visible(line).replace('\n', "\\x0a"));
        }
    }
    said(&exchange.sent, reply, exchange.took)
}

fn line_exchange(exchange: &LineExchange) -> Html {
    let line = |line: &String| visible(line).replace('\n', "\\x0a") + "\n";
    said(&exchange.sent, exchange.reply.iter().flatten().map(line).collect(), exchange.took)
}

/// A command, the lines of its reply, and how long that took, if it was long.
fn said(sent: &str, reply: String, took: u32) -> Html {
    let sent = (!sent.is_empty()).then(|| format!("→ {}\n", visible(sent)));
    let slow = (took >= 1_000).then(|| format!("    (after {})\n", duration(took.into())));
    html! { <><span class="us">{ sent }</span>{ reply }<span class="us">{ slow }</span></> }
}
