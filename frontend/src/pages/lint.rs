//! Linters: a record, and everything that is wrong with it, while one types.

use shared::lint::{Kind, TEXT_MAX};
use shared::visible::visible;
use web_sys::HtmlTextAreaElement;
use yew::{Callback, Html, InputEvent, Properties, TargetCast, component, html, use_state};

use crate::engine::{Engine, Fault, Lint, Loading, missing, use_engine};
use crate::icons::verdict_label;
use crate::report::seen;
use crate::shell::shell;
use crate::text::count;

/// So many faults are shown; a text with more is not that kind of text.
const SHOWN: usize = 50;

/// A kind's title, and a text with faults to try.
const fn about(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Spf => ("SPF record", "v=spf1 ip4:192.0.2.300 inlcude:_spf.example.net mx ?all"),
        Kind::Dmarc => ("DMARC record", "v=DMARC1; p=rejct; pct=50; rua=dmarc@example.org"),
        Kind::Dkim => ("DKIM key record", "v=DKIM1; k=rsa; p=not base64!"),
        Kind::MtaStsTxt => ("MTA-STS record", "v=STSv1; id=2026-11-24"),
        Kind::MtaStsPolicy => ("MTA-STS policy", "version: STSv1\nmode: enforced\nmx: mx.example.org\nmax_age: 1d\n"),
        Kind::TlsRpt => ("TLS reporting record", "v=TLSRPTv1; rua=tls@example.org"),
        Kind::Tlsa => ("TLSA record", "3 1 1 0123456789abcdef"),
        Kind::Bimi => ("BIMI record", "v=BIMI1; l=http://example.org/logo.png"),
        Kind::Consent => ("Consent record", "v=mailsins1; by=mailsins.example; allow=all; mailbox=me@example.org"),
        Kind::SmtpBanner => ("SMTP greeting", "220 ex01.corp.local ESMTP Postfix 3.7.11 (Debian)"),
        Kind::ImapBanner => {
            ("IMAP greeting", "* OK [CAPABILITY IMAP4rev1] mail.example.org Cyrus IMAP 3.0.8 server ready")
        }
        Kind::Pop3Banner => {
            ("POP3 greeting", "+OK QPOP (version 4.0.5) at mail.example.org starting. <17.29@10.1.2.3>")
        }
    }
}

/// What the field of a kind asks for.
const fn what_to_paste(kind: Kind) -> &'static str {
    match kind {
        Kind::MtaStsPolicy => "The whole file",
        Kind::Tlsa => "The line of the zone, or its data",
        Kind::SmtpBanner | Kind::ImapBanner | Kind::Pop3Banner => "What the server said",
        _ => "The text, with or without the quotes of a zone file",
    }
}

/// The title of a kind's page.
pub(crate) const fn lint_title(kind: Kind) -> &'static str {
    about(kind).0
}

/// The links to all linters.
pub(crate) fn lint_index() -> Html {
    let link = |kind: &Kind| {
        html! { <li><a href={format!("/lint/{}", kind.name())}>{ lint_title(*kind) }</a></li> }
    };
    let content = html! {
        <div class="prose">
            <h1>{ "Lint a record" }</h1>
            <p class="lead">{ "Paste a record, and see everything that is wrong with it and where. It stays in your browser." }</p>
            <ul>{ for Kind::ALL.iter().map(link) }</ul>
            <p class="soft">{ "The same in a terminal: " }<code>{ "mailsins lint spf 'v=spf1 mx -all'" }</code></p>
        </div>
    };
    shell("ready", content)
}

#[derive(Properties, PartialEq)]
pub(crate) struct LintProps {
    pub(crate) kind: Kind,
}

#[component]
pub(crate) fn LintPage(props: &LintProps) -> Html {
    let text = use_state(String::new);
    let (engine, attempt) = use_engine();
    let (title, example) = about(props.kind);
    let oninput = {
        let text = text.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(field) = event.target_dyn_into::<HtmlTextAreaElement>() {
                text.set(field.value());
            }
        })
    };
    let onclick = {
        let text = text.clone();
        Callback::from(move |_| text.set(example.to_owned()))
    };
    let content = html! {
        <div class="prose lint">
            <h1>{ title }</h1>
            <label for="text">{ what_to_paste(props.kind) }</label>
            <textarea id="text" rows="5" maxlength={TEXT_MAX.to_string()} autocomplete="off" autocapitalize="none"
                spellcheck="false" value={(*text).clone()} {oninput} />
            <div class="actions">
                <button type="button" {onclick}>{ "Try an example" }</button>
                <a class="btn" href="/lint">{ "Other records" }</a>
            </div>
            { match &engine {
                Loading::Ready(engine) => judged(engine, props.kind, &text),
                Loading::Coming => html! { <p role="status" class="calm">{ "Loading the checks." }</p> },
                Loading::Failed => missing(&attempt),
            } }
        </div>
    };
    shell("ready", content)
}

/// What is said of a text. Line breaks at its end come of pasting.
fn judged(engine: &Engine, kind: Kind, text: &str) -> Html {
    let text = if kind.is_txt() { text.trim_end_matches(['\r', '\n']) } else { text };
    if text.trim().is_empty() {
        return html! { <p role="status" class="calm">{ "Nothing to judge yet." }</p> };
    }
    // A character has up to four octets, so the field's limit does not say all.
    if text.len() > TEXT_MAX {
        return html! { <p role="status" class="error">{ format!("This is longer than {TEXT_MAX} octets, and no record is.") }</p> };
    }
    let Some(Lint { verdict, total, faults }) = engine.lint(kind.name(), text, SHOWN) else {
        return html! { <p role="status" class="error">{ "This could not be judged." }</p> };
    };
    let at = |octet: usize| text.get(..octet).map_or(0, |head| head.chars().count() as u32);
    let marks: Vec<_> = faults.iter().map(|fault| (at(fault.start), at(fault.end))).collect();
    let more = total.saturating_sub(faults.len());
    html! {
        <>
            <p role="status">{ verdict_label(verdict, verdict.word()) }{ " · " }{ count(total, "fault", "faults") }</p>
            { seen(text, &marks) }
            <ul class="outcomes">{ for faults.iter().map(|found| fault(text, found)) }</ul>
            if more > 0 { <p class="soft">{ format!("And {more} more.") }</p> }
        </>
    }
}

fn fault(text: &str, fault: &Fault) -> Html {
    let verdict = fault.verdict;
    let part: String = text.get(fault.start..fault.end).unwrap_or("").chars().take(80).collect();
    html! {
        <li>
            <span>{ verdict_label(verdict, verdict.word()) }</span>
            <span>
                if !part.is_empty() { <code>{ visible(&part) }</code>{ ": " } }
                { &fault.message }{ " " }<code class="soft">{ &fault.code }</code>
            </span>
        </li>
    }
}
