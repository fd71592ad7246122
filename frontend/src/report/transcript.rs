//! All evidence: every DNS answer, document and conversation, with times.

use shared::evidence::{Exchange, Handshake, Hello, LineExchange, Record, Target, Tls};
use shared::inquiry::Script;
use shared::visible::visible;
use shared::{Answer, Evidence, Inquiry, Unseen};
use yew::{Html, html};

use super::names::hosts;
use super::seen::Said;
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
        Ok(Answer::Smtp(session)) => {
            let said = talk(&session.exchanges, |e| e.secure, exchange, &session.tls, &session.client_hello);
            html! { <>{ said.view() }{ broke(session.broke) }</> }
        }
        Ok(Answer::Lines(session)) => {
            let said = talk(&session.exchanges, |e| e.secure, line_exchange, &session.tls, &session.client_hello);
            html! { <>{ said.view() }{ broke(session.broke) }</> }
        }
        Ok(Answer::Hello(hello)) => {
            let mut said = Said::default();
            said.by_us(&offered(hello));
            said.view()
        }
        Ok(_) => Html::default(),
    };
    html! { <><p class="what">{ what }<small>{ duration(piece.took.into()) }</small></p>{ body }</> }
}

/// A conversation: what was said in the clear, what came of TLS, and what was said inside.
fn talk<E>(
    exchanges: &[E],
    is_secure: fn(&E) -> bool,
    say: fn(&mut Said, &E),
    tls: &Option<Tls>,
    offer: &Option<Hello>,
) -> Said {
    let mut said = Said::default();
    exchanges.iter().filter(|e| !is_secure(e)).for_each(|e| say(&mut said, e));
    let remarks = [tls.as_ref().map(encryption), offer.as_ref().map(offered)];
    remarks.iter().flatten().for_each(|remark| said.by_us(remark));
    exchanges.iter().filter(|e| is_secure(e)).for_each(|e| say(&mut said, e));
    said
}

fn broke(why: Option<Unseen>) -> Html {
    why.map(|why| html! { <p>{ why.sentence() }</p> }).unwrap_or_default()
}

/// The answer to an offer, in a line.
fn offered(hello: &Hello) -> String {
    format!("    ({})\n", hello.answer.text())
}

/// What came of a handshake, in a line.
fn encryption(tls: &Tls) -> String {
    match &tls.outcome {
        Handshake::Done(secured) => {
            let group = secured.group.as_deref().unwrap_or_default();
            format!("    ({} {} {group})\n", secured.version, secured.suite)
        }
        Handshake::Failed(fault, detail) => {
            format!("    ({} {})\n", fault.sentence(), detail.as_deref().unwrap_or_default())
        }
    }
}

fn exchange(said: &mut Said, exchange: &Exchange) {
    command(said, &exchange.sent);
    if let Some(answer) = &exchange.reply {
        let last = answer.lines.len().saturating_sub(1);
        for (n, line) in answer.lines.iter().enumerate() {
            let separator = if n == last { ' ' } else { '-' };
            said.by_them(&format!("{}{separator}{}", answer.code, one_line(line)));
        }
    }
    delay(said, exchange.took);
}

fn line_exchange(said: &mut Said, exchange: &LineExchange) {
    command(said, &exchange.sent);
    exchange.reply.iter().flatten().for_each(|line| said.by_them(&one_line(line)));
    delay(said, exchange.took);
}

fn command(said: &mut Said, sent: &str) {
    if !sent.is_empty() {
        said.by_us(&format!("→ {sent}\n"));
    }
}

/// A line feed within a line would forge the next one.
fn one_line(line: &str) -> String {
    line.replace('\n', "\\x0a") + "\n"
}

/// How long a reply took, if it was long.
fn delay(said: &mut Said, took: u32) {
    if took >= 1_000 {
        said.by_us(&format!("    (after {})\n", duration(took.into())));
    }
}
