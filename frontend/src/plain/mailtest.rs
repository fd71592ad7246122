//! The page of a test of mail that goes out.

use shared::Verdict;
use shared::api::{Arrived, MailTest, SampleTest, TestFile};
use shared::outbound::{self, Said};

use super::owner::capital;
use super::{Markup, Plain, document, fill};
use crate::server::Assets;

/// The whole document; without a test the page that begins one.
pub async fn page(test: Option<&MailTest>, now: u64, assets: &Assets) -> String {
    let content = match test {
        None => fill(BEGIN, &[]),
        Some(test) => match &test.arrived {
            None => waiting(test),
            Some(arrived) => came(test, arrived, now),
        },
    };
    let description = "Send a message to a one-time address, and see what receivers make of it: SPF, DKIM and DMARC, what its header tells, and whether a virus would get out.";
    let script = test.map(|_| "/mailtest.js");
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
{}{}{}\
<section class=\"plain\" aria-labelledby=\"header\"><h2 id=\"header\">Its header</h2><pre>{}</pre></section>\
<form method=\"post\" action=\"/mailtest\"><p><button type=\"submit\">Make another address</button></p></form>";

fn came(test: &MailTest, arrived: &Arrived, now: u64) -> Markup {
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
            take_over(test).into(),
            test.sample.as_ref().map(|sample| file(test, sample, now)).unwrap_or_default().into(),
            limits(test).into(),
            (&arrived.header).into(),
        ],
    )
}

const TAKE_OVER: &str = "<section class=\"notice\" aria-labelledby=\"check\"><h2 id=\"check\">In a full check</h2>\
<p>A full check of {} takes this over: what was seen of the mail, and that its address sends for the domain. The report says neither which test it was nor what stands in the header.</p>\
<p><a class=\"btn first\" href=\"/scan?domain={}&amp;mailtest={}\">Check {} with it</a></p></section>";

fn take_over(test: &MailTest) -> Markup {
    let Some(domain) = &test.of else { return Markup::default() };
    fill(TAKE_OVER, &[domain.into(), domain.into(), (&test.id).into(), domain.into()])
}

const FILE: &str =
    "<section class=\"plain\" aria-labelledby=\"file\"><h2 id=\"file\">Would a virus get out?</h2>{}</section>";

const SEND_FILE: &str = "<p>Your harmless mail came through. Now send the same with a test file that every virus scanner knows and that does nothing: attach EICAR, or paste GTUBE, by which spam filters are tried, into the text.</p>\
<p><strong>Your provider may suspend the account</strong> that sends it, and virus scanners on your machine will complain. Ask whoever runs your mail first, or leave it.</p>\
<p data-testfiles>The page's script puts both together when you ask for them: nothing of them is stored here.</p><pre>{}</pre>";

const HAVE_SENT: &str = "<form method=\"post\" action=\"/mailtest/{}\"><p>{}</p></form>";

const HAVE_SENT_ONE: &str = "<button type=\"submit\" name=\"sent\" value=\"{}\">I have sent {}</button> ";

const BARE: &str = "<p>A mail came there that had neither.</p>";

const FILE_SENT: &str = "<p role=\"status\" data-mailtest=\"{}\" data-file=\"{}\">Waiting for {} at</p><pre>{}</pre><p>If it does not come within 10 minutes, something stopped it, since your harmless mail came.</p>\
<p><a class=\"btn\" href=\"/mailtest/{}\">Look now</a></p>";

/// The second half: the test files.
fn file(test: &MailTest, sample: &SampleTest, now: u64) -> Markup {
    let (mut parts, mut waits, mut open) = (Vec::new(), Vec::new(), Vec::new());
    for file in TestFile::ALL {
        match sample.outcome(file, now) {
            Some((outcome, seen)) => parts.push(shown("outbound-virus", outcome, &seen)),
            None if sample.of(file).sent.is_some() => waits.push(file),
            None => open.push(file),
        }
    }
    if open == TestFile::ALL {
        parts.push(fill(SEND_FILE, &[(&sample.address).into()]));
        if sample.bare.is_some() {
            parts.push(fill(BARE, &[]));
        }
    }
    let all = |words: fn(TestFile) -> &'static str, between| {
        waits.iter().map(|file| words(*file)).collect::<Vec<_>>().join(between)
    };
    if !waits.is_empty() {
        let (words, names) = (all(TestFile::word, " "), all(TestFile::name, " and "));
        let id = || (&test.id).into();
        parts.push(fill(FILE_SENT, &[id(), (&words).into(), (&names).into(), (&sample.address).into(), id()]));
    }
    if !open.is_empty() {
        let one = |file: TestFile| fill(HAVE_SENT_ONE, &[file.word().into(), file.name().into()]);
        let buttons = Markup::all(open.into_iter().map(one));
        parts.push(fill(HAVE_SENT, &[(&test.id).into(), buttons.into()]));
    }
    fill(FILE, &[Markup::all(parts).into()])
}

const LIMITS: &str = "<section class=\"plain\" aria-labelledby=\"limits\"><h2 id=\"limits\">How much can one user send?</h2>\
<p>Only whoever runs the server knows: is there a limit on what one user, account or machine may send in an hour or a day?</p>\
<form method=\"post\" action=\"/mailtest/{}\"><p><button type=\"submit\" name=\"limited\" value=\"yes\">There is</button> \
<button type=\"submit\" name=\"limited\" value=\"no\">There is none</button></p></form>{}</section>";

/// What the holder states, and how to set it.
fn limits(test: &MailTest) -> Markup {
    let stated = match test.limited {
        Some(true) => shown("outbound-limits", "limited", ""),
        Some(false) => shown("outbound-limits", "none", ""),
        None => Markup::default(),
    };
    fill(LIMITS, &[(&test.id).into(), stated.into()])
}

/// An outcome in the words of its check, and what to change in the lines of each software.
fn shown(check: &str, outcome: &str, seen: &str) -> Markup {
    let Some((said, remedy)) = outbound::in_words(check, outcome, seen) else { return Markup::default() };
    let recipes = remedy.into_iter().flat_map(|remedy| remedy.recipes).map(|recipe| {
        let what = [(&recipe.software).into(), (&recipe.place).into(), (&recipe.lines).into()];
        fill("<h4>{}, {}</h4><pre>{}</pre>", &what)
    });
    Markup::all([finding(&said), Markup::all(recipes)])
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
