//! Tests of outgoing mail: real Postfix and OpenDKIM write to a one-time address, and what receivers would make of it is
//! named.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use mailsins_tests::Site;
use mailsins_tests::sink::{Sink, give, received, refused_by_scanner};
use reqwest::Method;
use shared::api::{Arrived, Drive, MailTest, NewScan, ScanState};
use shared::{Options, Report, Verdict};

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
            &[
                "spf-pass",
                "dkim-pass",
                "dmarc-pass",
                "arc-none",
                "confirmed",
                "resolves",
                "date-sound",
                "message-id-sound",
                "silent",
            ],
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
        (
            "footer behind the signer",
            ME,
            ME,
            "",
            Some(("this is a test.", "this is a test.\r\n-- \r\nScanned by nobody")),
            &[("dkim-footer", "venial")],
            &["spf-pass", "dmarc-pass"],
        ),
        ("from inside", ME, ME, inner, None, &[("inner-hosts", "venial")], &["dkim-pass"]),
        (
            "scanned",
            ME,
            ME,
            "X-Virus-Scanned: by us\nX-Spam-Flag: YES\nX-Spam-Status: Yes, score=9 tests=A,B\nX-Mailer: Foo 1.2\n",
            None,
            &[],
            &["dkim-pass", "filter-fields", "marked-spam", "filter-details", "software"],
        ),
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

/// A check with what a test of outgoing mail came to, and its report.
async fn check(site: &Site, domain: &str, test: &str) -> Result<(String, Report)> {
    let body = NewScan {
        domain: domain.to_owned(),
        options: Options::default(),
        drive: Drive::Server,
        max_age: Some(3600),
        mailtest: Some(test.to_owned()),
    };
    let scan = site.send(Method::POST, "/api/v1/scans", Some(serde_json::to_value(body)?)).await?;
    let scan: ScanState = scan.error_for_status()?.json().await?;
    site.finish(&scan.id).await?;
    let published = site.publish(&scan.id).await?;
    let text = site.get(&format!("/r/{}.json", published.id)).await?.error_for_status()?.text().await?;
    let report = serde_json::from_str(&text)?;
    Ok((text, report))
}

/// The outcomes of a check, each with the last words of its subject.
fn found<'r>(report: &'r Report, check: &str) -> Vec<(&'r str, &'r str)> {
    let of_check = report.findings.iter().filter(|finding| finding.check == check);
    of_check.map(|finding| (finding.outcome.as_str(), finding.subject.rsplit(' ').next().unwrap_or_default())).collect()
}

/// The harmless test file, put together only here.
fn eicar() -> String {
    r"*H+H$!ELIF-TSET-SURIVITNA-DRADNATS-RACIE$}7)CC7)^P(45XZP\4[PA@%P!O5X".chars().rev().collect()
}

#[tokio::test]
async fn a_check_takes_over_what_came() -> Result<()> {
    let site = Site::new()?;
    let sink = Sink::open().await?;
    let inner =
        "Received: from ws7.lan (ws7.lan [10.1.2.3]) by out.sender.consent.test; Thu, 1 Oct 2026 22:02:05 +0000\n";
    let test = begin(&site).await?;
    let before = check(&site, "sender.consent.test", &test.id).await?.1;
    ensure!(found(&before, "outbound-mail") == [("no-mail-test", "sender.consent.test")], "{before:#?}");
    let sent = sink.through_postfix(ME, &test.address, &message(ME, inner)).await?;
    give(&site, ME, &test.address, received(&sent) + &sent.message).await?;
    let (text, report) = check(&site, "sender.consent.test", &test.id).await?;
    for outcome in ["spf-pass", "dkim-pass", "dmarc-pass", "arc-none", "date-sound"] {
        ensure!(found(&report, "outbound-mail").contains(&(outcome, "sender.consent.test")), "{outcome}: {report:#?}");
    }
    ensure!(found(&report, "header-disclosure") == [("inner-hosts", "sender.consent.test")]);
    // The address sends for the domain, which has no MX host.
    for (id, outcome) in [("ptr-exists", "present"), ("ptr-forward-confirmed", "confirmed"), ("helo-name", "resolves")]
    {
        ensure!(found(&report, id).contains(&(outcome, "127.25.69.1")), "{id}: {:?}", found(&report, id));
    }
    ensure!(found(&report, "outbound-virus") == [("no-sample", "sender.consent.test")]);
    ensure!(found(&report, "outbound-limits") == [("not-said", "sender.consent.test")]);
    // Neither whoever reads the report gets to the test, nor does the header stand in it.
    for secret in [&test.id, "ws7", "10.1.2.3", "me@sender", "A test"] {
        ensure!(!text.contains(secret), "the report tells {secret}");
    }
    // Nobody takes over what is of another domain, and nothing is shared.
    let other = check(&site, "foreign.consent.test", &test.id).await?.1;
    ensure!(found(&other, "outbound-mail") == [("foreign-mail", "foreign.consent.test")], "{other:#?}");
    let bad = serde_json::json!({"domain": "sender.consent.test", "mailtest": "../x"});
    ensure!(site.send(Method::POST, "/api/v1/scans", Some(bad)).await?.status() == 422);
    Ok(())
}

#[tokio::test]
async fn forged_mail_is_no_evidence() -> Result<()> {
    let site = Site::new()?;
    let sink = Sink::open().await?;
    // In the name of a domain that it may not send for: mortal on the page, and nothing of that domain.
    let test = begin(&site).await?;
    let sent = sink.through_postfix(ME, &test.address, &message("me@foreign.consent.test", "")).await?;
    give(&site, ME, &test.address, received(&sent) + &sent.message).await?;
    ensure!(look(&site, &test.id).await?.of.is_none());
    let report = check(&site, "foreign.consent.test", &test.id).await?.1;
    ensure!(found(&report, "outbound-mail") == [("foreign-mail", "foreign.consent.test")], "{report:#?}");
    // A signed mail that somebody else passes on counts for its signature, and makes nobody a sender.
    let test = begin(&site).await?;
    let mut sent = sink.through_postfix("me@wrong.consent.test", &test.address, &message(ME, "")).await?;
    sent.helo = "liar.lan".to_owned();
    give(&site, &sent.sender, &test.address, received(&sent) + &sent.message).await?;
    let (path, word) = (format!("/api/v1/mailtests/{}", test.id), serde_json::json!({"limited": false}));
    ensure!(site.send(Method::POST, &path, Some(word)).await?.status() == 200);
    let report = check(&site, "sender.consent.test", &test.id).await?.1;
    let mail: Vec<_> = found(&report, "outbound-mail").into_iter().map(|(outcome, _)| outcome).collect();
    ensure!(mail == ["dkim-pass", "dmarc-pass"], "{mail:?}");
    ensure!(found(&report, "outbound-limits") == [("not-said", "sender.consent.test")]);
    ensure!(found(&report, "ptr-exists").iter().all(|(_, subject)| *subject != "127.25.69.1"), "{report:#?}");
    Ok(())
}

#[tokio::test]
async fn a_test_file_gets_out_or_does_not() -> Result<()> {
    let site = Site::new()?;
    let sink = Sink::open().await?;
    let path = |test: &MailTest| format!("/api/v1/mailtests/{}", test.id);
    let control = async |test: &MailTest| {
        let sent = sink.through_postfix(ME, &test.address, &message(ME, "")).await?;
        give(&site, ME, &test.address, received(&sent) + &sent.message).await?;
        anyhow::Ok(look(&site, &test.id).await?.sample.context("no second address")?.address)
    };
    let with_file = message(ME, "").replace("this is a test.", &eicar());
    // A server that sends whatever it is given.
    let test = begin(&site).await?;
    let second = control(&test).await?;
    ensure!(second != test.address && second.ends_with("@probe.test"), "{second}");
    let sent = sink.through_postfix(ME, &second, &with_file).await?;
    // What somebody else sends there is not the file.
    let forged = sink.through_postfix("me@wrong.consent.test", &second, &message(ME, "")).await?;
    give(&site, &forged.sender, &second, received(&forged) + &forged.message).await?;
    ensure!(
        look(&site, &test.id).await?.sample.is_some_and(|sample| sample.eicar.came.or(sample.bare).is_none()),
        "a forged one was taken"
    );
    give(&site, ME, &second, received(&sent) + &sent.message).await?;
    let sample = look(&site, &test.id).await?.sample.context("no sample")?;
    ensure!(sample.eicar.came.is_some() && sample.gtube.came.or(sample.bare).is_none(), "{sample:?}");
    let report = check(&site, "sender.consent.test", &test.id).await?.1;
    ensure!(found(&report, "outbound-virus") == [("arrived", "sender.consent.test")], "{report:#?}");
    let page = site.get(&format!("/mailtest/{}", test.id)).await?.text().await?;
    ensure!(page.contains("data-outcome=\"arrived\"") && !page.contains(&eicar()), "{page}");
    // One that takes the file out of it, as far as its sender says that it was in it.
    let test = begin(&site).await?;
    let second = control(&test).await?;
    let sent = sink.through_postfix(ME, &second, &message(ME, "")).await?;
    give(&site, ME, &second, received(&sent) + &sent.message).await?;
    let report = check(&site, "sender.consent.test", &test.id).await?.1;
    ensure!(found(&report, "outbound-virus") == [("no-sample", "sender.consent.test")], "{report:#?}");
    let said = |file: &str| serde_json::json!({"sent": file});
    ensure!(site.send(Method::POST, &path(&test), Some(said("eicar"))).await?.status() == 200);
    let report = check(&site, "sender.consent.test", &test.id).await?.1;
    ensure!(found(&report, "outbound-virus") == [("stripped", "sender.consent.test")], "{report:#?}");
    // One that scans what goes out: nothing comes, which counts after ten minutes, and only of what was sent.
    let test = begin(&site).await?;
    let second = control(&test).await?;
    let refusal = refused_by_scanner(ME, &second, &with_file).await?;
    ensure!(refusal.contains("it carries a virus"), "{refusal}");
    for (bad, want) in [(serde_json::json!({"sent": true}), 400), (said("virus"), 422)] {
        let status = site.send(Method::POST, &path(&test), Some(bad)).await?.status();
        ensure!(status == want, "{status}, not {want}");
    }
    ensure!(site.send(Method::POST, &path(&test), Some(said("eicar"))).await?.status() == 200);
    let report = check(&site, "sender.consent.test", &test.id).await?.1;
    ensure!(found(&report, "outbound-virus") == [("no-sample", "sender.consent.test")], "too early: {report:#?}");
    for (files, outcomes, names, no) in [
        (&["eicar"][..], &["stopped"][..], &["EICAR was sent at "][..], &["GTUBE was sent"][..]),
        (&["gtube"], &["no-sample", "spam-stopped"], &["GTUBE was sent at "], &["EICAR was sent"]),
        (&["eicar", "gtube"], &["spam-stopped", "stopped"], &["EICAR was sent at ", "GTUBE was sent at "], &[]),
    ] {
        let test = begin(&site).await?;
        control(&test).await?;
        for file in files {
            let request = reqwest::Client::new().post(format!("{}{}", site.origin, path(&test))).json(&said(file));
            request.header("mailsins-lab-ago", "601000").send().await?.error_for_status()?;
        }
        let (text, report) = check(&site, "sender.consent.test", &test.id).await?;
        let mut found: Vec<_> = found(&report, "outbound-virus").into_iter().map(|(outcome, _)| outcome).collect();
        found.sort_unstable();
        ensure!(found == outcomes, "{files:?}: {report:#?}");
        ensure!(
            names.iter().all(|name| text.contains(name)) && !no.iter().any(|name| text.contains(name)),
            "{files:?}"
        );
        ensure!(text.contains("as its sender states"), "{files:?}");
        let page = site.get(&format!("/mailtest/{}", test.id)).await?.text().await?;
        for outcome in ["stopped", "spam-stopped"] {
            let shown = page.contains(&format!("data-outcome=\"{outcome}\""));
            ensure!(shown == outcomes.contains(&outcome), "{files:?}: {outcome}: {page}");
        }
        // What is still to be told can be: of the other file.
        ensure!(page.contains("value=\"eicar\"") != files.contains(&"eicar"), "{files:?}: {page}");
    }
    // Without the harmless mail there is no second half.
    let test = begin(&site).await?;
    let told = site.send(Method::POST, &path(&test), Some(said("eicar"))).await?.error_for_status()?;
    ensure!(told.json::<MailTest>().await?.sample.is_none());
    give(
        &site,
        ME,
        &second.replacen(
            second.split(['-', '@']).nth(1).unwrap_or_default(),
            test.address.split(['-', '@']).nth(1).unwrap_or_default(),
            1,
        ),
        with_file,
    )
    .await?;
    ensure!(look(&site, &test.id).await?.sample.is_none());
    Ok(())
}

#[tokio::test]
async fn limits_are_as_stated() -> Result<()> {
    let site = Site::new()?;
    let sink = Sink::open().await?;
    let test = begin(&site).await?;
    let sent = sink.through_postfix(ME, &test.address, &message(ME, "")).await?;
    give(&site, ME, &test.address, received(&sent) + &sent.message).await?;
    let page = format!("{}/mailtest/{}", site.origin, test.id);
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    for (answer, outcome) in [("limited=no", "none"), ("limited=yes", "limited")] {
        let form = client.post(&page).header("content-type", "application/x-www-form-urlencoded").body(answer);
        ensure!(form.send().await?.status() == 303);
        let html = client.get(&page).send().await?.text().await?;
        ensure!(html.contains(&format!("data-outcome=\"{outcome}\"")), "{html}");
        ensure!(html.contains("smtpd_client_recipient_rate_limit") == (outcome == "none"), "{html}");
        let report = check(&site, "sender.consent.test", &test.id).await?.1;
        ensure!(found(&report, "outbound-limits") == [(outcome, "sender.consent.test")], "{report:#?}");
    }
    // Only whoever has the id can say so.
    let token = test.address.split(['-', '@']).nth(1).context("a token")?;
    let (path, word) = (format!("/api/v1/mailtests/{token}"), serde_json::json!({"limited": false}));
    ensure!(site.send(Method::POST, &path, Some(word)).await?.status() == 404);
    Ok(())
}

#[tokio::test]
async fn a_chain_of_forwarders() -> Result<()> {
    let site = Site::new()?;
    let chain = include_str!("../../probe/src/dkim/arc/chain.eml").replace('\n', "\r\n");
    for (from, to, outcome, seen) in [
        ("", "", "arc-pass", "3 sets"),
        ("Three servers", "Two servers", "arc-fail", "set 3: "),
        ("i=2; cv=pass", "i=2; cv=fail", "arc-fail", "set 2: "),
        (
            "d=first.consent.test; s=s1;\r\n t=1790892126;\r\n b=",
            "d=first.consent.test; s=s9;\r\n t=1790892126;\r\n b=",
            "arc-fail",
            "set 3: ",
        ),
    ] {
        let test = begin(&site).await?;
        ensure!(chain.contains(from), "{from}");
        give(&site, ME, &test.address, chain.replacen(from, to, 1)).await?;
        let said = look(&site, &test.id).await?.arrived.context("nothing came")?.said;
        let arc = said.iter().find(|said| said.outcome.starts_with("arc-")).context("no word on ARC")?;
        ensure!(arc.outcome == outcome && arc.seen.starts_with(seen), "{from}: {arc:?}");
    }
    Ok(())
}

fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}

#[tokio::test]
async fn what_came_is_forgotten() -> Result<()> {
    let site = Site::at("MAILSINS_SITE_THAT_FORGETS")?;
    let test = begin(&site).await?;
    give(&site, ME, &test.address, message(ME, "").replace('\n', "\r\n")).await?;
    ensure!(look(&site, &test.id).await?.arrived.is_some_and(|arrived| arrived.header.contains("A test")));
    let left = test.expires.saturating_sub(now()) + 500;
    ensure!(left < 20_000, "it is kept for {left} ms more");
    tokio::time::sleep(Duration::from_millis(left)).await;
    for path in ["/api/v1/mailtests", "/mailtest"] {
        let gone = site.get(&format!("{path}/{}", test.id)).await?;
        ensure!(gone.status() == 404 && !gone.text().await?.contains("A test"), "{path}");
    }
    let report = check(&site, "sender.consent.test", &test.id).await?.1;
    ensure!(found(&report, "outbound-mail") == [("no-mail-test", "sender.consent.test")], "{report:#?}");
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
    ensure!(html.matches("<script").count() == 1 && !html.contains("<img"), "{html}");
    Ok(())
}
