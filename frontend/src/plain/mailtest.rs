//! The page of a test of mail that goes out.

use shared::Verdict;
use shared::api::{Arrived, MailTest};
use shared::outbound::Said;

use super::owner::capital;
use super::{Markup, Plain, document, fill};
use crate::server::Assets;

/// The whole document; without a test the page that begins one.
pub async fn page(test: Option<&MailTest>, assets: &Assets) -> String {
    let content = match test {
        None => fill(BEGIN, &[]),
        Some(test) => match &test.arrived {
            None => waiting(test),
            Some(arrived) => came(arrived),
        },
    };
    let script = test.filter(|test| test.arrived.is_none()).map(|_| "/mailtest.js");
    let description = "Send a message to a one-time address, and see what receivers make of it: SPF, DKIM, DMARC, and what its header tells.";
    document(Plain { title: "Test outgoing mail", description, listed: test.is_none(), script, content }, assets).await
}

const BEGIN: &str = "<h1>Test outgoing mail</h1>\
<p class=\"lead\">Send one message to an address made for it, and see what receivers make of it: SPF, DKIM and DMARC, the name of the server that sent it, \
and what its header tells strangers.</p>\
<form method=\"post\" action=\"/mailtest\"><p><button class=\"first\" type=\"submit\">Make an address</button></p></form>\
<ul><li>The address takes one message, of 1 MB at most.</li>\
<li>Of the message only its header is kept, for a day, and shown to whoever has the link of the test. The body is thrown away once its signature is checked.</li>\
<li>Nothing is published.</li></ul>";

const WAITING: &str = "<h1>Write to this address</h1><pre>{}</pre>\
<p class=\"lead\">Send one message to it, as you send mail every day. Subject and text do not matter.</p>\
<p role=\"status\" data-mailtest=\"{}\">Waiting for it. This page shows what came as soon as it comes.</p>\
<p><a class=\"btn\" href=\"/mailtest/{}\">Look now</a></p>\
<p class=\"soft\">Keep the link of this page to yourself: whoever has it sees the header of what comes. Both are gone after a day.</p>";

fn waiting(test: &MailTest) -> Markup {
    fill(WAITING, &[(&test.address).into(), (&test.id).into(), (&test.id).into()])
}

const CAME: &str = "<h1>Your message came</h1>\
<p class=\"lead\">{}</p>\
<dl class=\"reasons\"><dt>Sender</dt><dd>{}</dd><dt>From</dt><dd>{}</dd><dt>Handed over by</dt><dd>{}</dd><dt>Size</dt><dd>{} octets</dd></dl>\
<p class=\"soft\">Anybody who knew the address can have sent it: look whether it is yours.</p>\
<section class=\"plain\" aria-labelledby=\"said\"><h2 id=\"said\">What receivers see</h2>{}</section>\
<section class=\"plain\" aria-labelledby=\"header\"><h2 id=\"header\">Its header</h2><pre>{}</pre></section>\
<form method=\"post\" action=\"/mailtest\"><p><button type=\"submit\">Make another address</button></p></form>";

fn came(arrived: &Arrived) -> Markup {
    let of = |verdict: Verdict| arrived.said.iter().filter(|said| said.verdict == verdict).count();
    let lead = match (of(Verdict::Mortal), of(Verdict::Venial)) {
        (0, 0) => "Nothing is wrong with it that could be seen.".to_owned(),
        (mortal, venial) => format!("Mortal: {mortal}. Venial: {venial}."),
    };
    let mut said: Vec<&Said> = arrived.said.iter().collect();
    said.sort_by_key(|said| std::cmp::Reverse(said.verdict));
    let nobody = "The service that took the message did not say.";
    fill(
        CAME,
        &[
            (&lead).into(),
            if arrived.sender.is_empty() { "<>" } else { arrived.sender.as_str() }.into(),
            (&arrived.author).into(),
            arrived.client.as_deref().unwrap_or(nobody).into(),
            (&arrived.size.to_string()).into(),
            Markup::all(said.into_iter().map(finding)).into(),
            (&arrived.header).into(),
        ],
    )
}

fn finding(said: &Said) -> Markup {
    let seen = if said.seen.is_empty() { Markup::default() } else { fill("<pre>{}</pre>", &[(&said.seen).into()]) };
    let change = said.change.as_ref().map(|change| fill("<p>{}</p>", &[change.into()])).unwrap_or_default();
    fill(
        "<article class=\"{}\" data-outcome=\"{}\"><h3>{} <span class=\"v {}\">{}</span></h3>{}{}</article>",
        &[
            said.verdict.word().into(),
            (&said.outcome).into(),
            (&said.title).into(),
            said.verdict.word().into(),
            capital(said.verdict).into(),
            seen.into(),
            change.into(),
        ],
    )
}
