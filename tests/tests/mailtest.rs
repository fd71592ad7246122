//! Tests of outgoing mail: real Postfix and OpenDKIM write to a one-time address, and what receivers would make of it is
//! named.

use anyhow::{Context, Result, ensure};
use mailsins_tests::Site;
use mailsins_tests::sink::{Sink, give, received};
use reqwest::Method;
use shared::Verdict;
use shared::api::{Arrived, MailTest};

const ME: &str = "me@sender.consent.test";

async fn begin(site: &Site) -> Result<MailTest> {
    Ok(site.send(Method::POST, "/api/v1/mailtests", None).await?.error_for_status()?.json().await?)
}

async fn look(site: &Site, id: &str) -> Result<MailTest> {
    Ok(site.get(&format!("/api/v1/mailtests/{id}")).await?.error_for_status()?.json().await?)
}

fn message(from: &str, more: &str) -> String {
    format!(
        "From: Me <{from}>\nTo: Test <t@probe.test>\nSubject: A test\nMessage-ID: <1@sender.consent.test>\n{more}\nHello,\n\nthis is a test.\n"
    )
}

/// The outcomes that are neither clean nor a note.
fn faults(arrived: &Arrived) -> Vec<(&str, &str)> {
    let bad = arrived.said.iter().filter(|said| !matches!(said.verdict, Verdict::Clean | Verdict::Note));
    bad.map(|said| (said.outcome.as_str(), said.verdict.word())).collect()
}

#[tokio::test]
async fn what_postfix_and_opendkim_send() -> Result<()> {
    let site = Site::new()?;
    let sink = Sink::open().await?;
    let inner =
        "Received: from ws7.lan (ws7.lan [10.1.2.3]) by out.sender.consent.test; Thu, 1 Oct 2026 22:02:05 +0000\n";
    // Name, sender, From, more header, what is changed on the way, faults, and what must be said besides.
    type Row<'a> =
        (&'a str, &'a str, &'a str, &'a str, Option<(&'a str, &'a str)>, &'a [(&'a str, &'a str)], &'a [&'a str]);
    let rows: &[Row] = &[
        (
            "good",
            ME,
            ME,
            "",
            None,
            &[],
            &["spf-pass", "dkim-pass", "dmarc-pass", "ptr-confirmed", "helo-resolves", "date-sound", "silent"],
        ),
        (
            "body changed",
            ME,
            ME,
            "",
            Some(("this is a test", "this is no test")),
            &[("dkim-body", "venial")],
            &["spf-pass", "dmarc-pass"],
        ),
        (
            "header changed",
            ME,
            ME,
            "",
            Some(("A test", "Another test")),
            &[("dkim-header", "venial")],
            &["spf-pass", "dmarc-pass"],
        ),
        (
            "wrong address",
            "me@wrong.consent.test",
            ME,
            "",
            None,
            &[("spf-fail", "venial")],
            &["dkim-pass", "dmarc-pass"],
        ),
        (
            "foreign author",
            ME,
            "me@foreign.consent.test",
            "",
            None,
            &[("dmarc-fail", "mortal")],
            &["spf-pass", "dkim-pass", "spf-misaligned", "dkim-misaligned"],
        ),
        (
            "unsigned",
            ME,
            ME,
            "",
            Some(("DKIM-Signature:", "X-Was-Signature:")),
            &[("dkim-none", "venial")],
            &["dmarc-pass"],
        ),
        ("from inside", ME, ME, inner, None, &[("inner-hosts", "venial")], &["dkim-pass"]),
    ];
    for (name, sender, from, more, change, want, besides) in rows {
        let test = begin(&site).await?;
        let delivery = sink.through_postfix(sender, &test.address, &message(from, more)).await?;
        ensure!(delivery.client.to_string() == "127.25.69.1" && delivery.message.contains("DKIM-Signature:"), "{name}");
        let sent = change.map_or_else(|| delivery.message.clone(), |(old, new)| delivery.message.replacen(old, new, 1));
        ensure!(change.is_none() || sent != delivery.message, "{name}: nothing was changed");
        let (status, said) = give(&site, &delivery.sender, &delivery.recipient, received(&delivery) + &sent).await?;
        ensure!(status == 200, "{name}: {status} {said}");
        let arrived = look(&site, &test.id).await?.arrived.with_context(|| format!("{name}: nothing came"))?;
        ensure!(faults(&arrived) == *want, "{name}: {:?} {:#?}", faults(&arrived), arrived.said);
        for outcome in *besides {
            ensure!(
                arrived.said.iter().any(|said| said.outcome == *outcome),
                "{name} lacks {outcome}: {:#?}",
                arrived.said
            );
        }
        ensure!(
            arrived.sender == *sender && arrived.client.as_deref() == Some("out.sender.consent.test [127.25.69.1]")
        );
        ensure!(
            arrived.header.contains("Subject: ") && !arrived.header.contains("this is"),
            "{name}: {}",
            arrived.header
        );
    }
    Ok(())
}

#[tokio::test]
async fn who_received_it_must_say_from_whom() -> Result<()> {
    let site = Site::new()?;
    // A Received field that the sender made up lies below, or says another receiver: both tell nothing.
    let forged =
        "Received: from out.sender.consent.test (127.25.69.1) by cloudflare-email.net (cloudflare) id x; y\r\n";
    for top in ["", "Received: from a (b) by c\r\n", "Received: by elsewhere.test; z\r\n"] {
        let test = begin(&site).await?;
        let forged = if top.is_empty() { "" } else { forged };
        let raw =
            format!("{top}{forged}{}", message(ME, "Date: Thu, 1 Oct 2026 22:02:05 +0000\n").replace('\n', "\r\n"));
        ensure!(give(&site, ME, &test.address, raw).await?.0 == 200);
        let arrived = look(&site, &test.id).await?.arrived.context("nothing came")?;
        let untested =
            arrived.said.iter().any(|said| said.outcome == "no-received" && said.verdict == Verdict::Untested);
        ensure!(untested && arrived.client.is_none(), "{top:?}: {arrived:#?}");
        ensure!(!arrived.said.iter().any(|said| said.outcome.starts_with("spf-")), "{arrived:#?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_address_takes_one_message() -> Result<()> {
    let site = Site::new()?;
    let test = begin(&site).await?;
    ensure!(
        test.arrived.is_none() && test.address.ends_with("@probe.test") && !test.address.contains(&test.id),
        "{test:?}"
    );
    let raw = || message(ME, "").replace('\n', "\r\n");
    let other = begin(&site).await?;
    // The local runtime does not pass on that a message was refused: what counts is that nothing came of it.
    let large = raw() + &format!("{}\r\n", "x".repeat(75)).repeat(15_000);
    give(&site, ME, &test.address, large).await?;
    for address in ["t-0123456789abcdef0123456789abcdef@probe.test", "postmaster@probe.test", "@", ""] {
        give(&site, ME, address, raw()).await?;
    }
    give(&site, ME, &test.address.replace("probe.test", "sender.test"), raw()).await?;
    ensure!(look(&site, &test.id).await?.arrived.is_none(), "too large, or for another domain");
    give(&site, ME, &test.address, raw()).await?;
    let first = look(&site, &test.id).await?;
    ensure!(first.arrived.as_ref().is_some_and(|arrived| arrived.sender == ME), "{first:?}");
    give(&site, "you@elsewhere.test", &test.address, raw()).await?;
    ensure!(look(&site, &test.id).await? == first, "a second message was taken");
    ensure!(look(&site, &other.id).await?.arrived.is_none(), "another test was told");
    let token = test.address.split(['-', '@']).nth(1).context("a token")?.to_owned();
    for id in [token, "0123456789abcdef0123456789abcdef".to_owned()] {
        ensure!(site.get(&format!("/api/v1/mailtests/{id}")).await?.status() == 404, "{id}");
        ensure!(site.get(&format!("/mailtest/{id}")).await?.status() == 404, "{id}");
    }
    Ok(())
}

#[tokio::test]
async fn the_page() -> Result<()> {
    let site = Site::new()?;
    let first = site.get("/mailtest").await?;
    ensure!(first.status() == 200 && first.headers().get("x-robots-tag").is_none());
    ensure!(first.text().await?.contains("action=\"/mailtest\""));
    let made = site.send(Method::POST, "/mailtest", None).await?;
    ensure!(made.status() == 303, "{}", made.status());
    let path = made.headers().get("location").context("no location")?.to_str()?.to_owned();
    let page = site.get(&path).await?;
    ensure!(page.headers().get("cache-control").is_some_and(|keep| keep == "no-store"));
    ensure!(page.headers().get("x-robots-tag").is_some_and(|robots| robots == "noindex"));
    let html = page.text().await?;
    let id = path.rsplit('/').next().unwrap_or_default();
    let address = look(&site, id).await?.address;
    for part in [address.as_str(), "/mailtest.js", "role=\"status\""] {
        ensure!(html.contains(part), "the page lacks {part}: {html}");
    }
    ensure!(site.get("/mailtest.js").await?.text().await?.contains("data-mailtest"));
    let hostile = "Subject: <script>alert(1)</script>\r\nFrom: \"<img src=x>\" <me@sender.consent.test>\r\nMessage-ID: <\u{202e}@x>\r\n\r\nx\r\n";
    ensure!(give(&site, "me@sender.consent.test", &address, hostile.to_owned()).await?.0 == 200);
    let html = site.get(&path).await?.text().await?;
    for part in ["Your message came", "data-outcome=\"dkim-none\"", "&lt;script&gt;alert(1)", "\\u{202e}"] {
        ensure!(html.contains(part), "the page lacks {part}: {html}");
    }
    ensure!(!html.contains("<script") && !html.contains("<img"), "{html}");
    Ok(())
}
