//! Active tests, from the domain's record to the report, over real servers; and whoever would misuse them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use mailsins_lab::scanner::mailbox;
use mailsins_tests::sink::{Sink, give};
use mailsins_tests::{Site, dns};
use reqwest::{Method, Response};
use serde_json::json;
use shared::api::{Problem, Run, RunStage};
use shared::grant::{Choice, Question, Sample};
use shared::{Report, Sin, Unseen, Verdict};

const PATIENCE: Duration = Duration::from_secs(100);

async fn begin(site: &Site, domain: &str) -> Result<Response> {
    site.send(Method::POST, "/api/v1/runs", Some(json!({ "domain": domain }))).await
}

async fn refused(response: Response) -> Result<(u16, Problem)> {
    Ok((response.status().as_u16(), response.json().await?))
}

async fn look(site: &Site, id: &str) -> Result<Run> {
    Ok(site.get(&format!("/api/v1/runs/{id}")).await?.error_for_status()?.json().await?)
}

/// Waits until the run is no longer at this stage.
async fn beyond(site: &Site, id: &str, stage: RunStage) -> Result<Run> {
    let begun = Instant::now();
    loop {
        let run = look(site, id).await?;
        if run.stage != stage {
            return Ok(run);
        }
        ensure!(begun.elapsed() < PATIENCE, "it stays there: {run:#?}");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// The code in the message that came for a run.
async fn code(label: &str, id: &str) -> Result<String> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        for file in std::fs::read_dir(mailbox(label))? {
            let text = std::fs::read_to_string(file?.path()).unwrap_or_default();
            if let (true, Some((_, rest))) = (text.contains(id), text.split_once("The code is ")) {
                return Ok(rest.get(..9).context("a code")?.to_owned());
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    bail!("no message with a code came for {label}")
}

async fn deed(site: &Site, id: &str, what: &str, body: Option<serde_json::Value>) -> Result<Response> {
    site.send(Method::POST, &format!("/api/v1/runs/{id}/{what}"), body).await
}

/// A run up to the code.
async fn opened(site: &Site, label: &str) -> Result<Run> {
    let run: Run = begin(site, &format!("{label}.consent.test")).await?.error_for_status()?.json().await?;
    open(site, label, run).await
}

/// A run up to the code, whose message came to this server.
async fn open(site: &Site, server: &str, run: Run) -> Result<Run> {
    let run = beyond(site, &run.id, RunStage::Sending).await?;
    ensure!(run.stage == RunStage::Code, "{run:#?}");
    let typed = json!({ "code": code(server, &run.id).await?.to_lowercase() });
    let run: Run = deed(site, &run.id, "code", Some(typed)).await?.error_for_status()?.json().await?;
    ensure!(run.stage == RunStage::Open, "{run:#?}");
    Ok(run)
}

/// A run from its start to the report, with the owner's answers.
async fn tested(site: &Site, run: &Run, says: impl Fn(Sample) -> Option<Choice>) -> Result<(Run, Report)> {
    deed(site, &run.id, "start", None).await?.error_for_status()?;
    let begun = Instant::now();
    loop {
        let run = look(site, &run.id).await?;
        if run.stage == RunStage::Done {
            let id = run.report.as_deref().and_then(|url| url.rsplit('/').next()).context("a report")?;
            let report = site.report(id).await?;
            return Ok((run, report));
        }
        ensure!(run.stage == RunStage::Running && begun.elapsed() < PATIENCE, "{run:#?}");
        for Question::Where(sample) in run.questions.iter().copied() {
            if let Some(choice) = says(sample) {
                let said = json!({ "question": { "where": sample }, "choice": choice });
                deed(site, &run.id, "answers", Some(said)).await?.error_for_status()?;
            }
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

fn outcomes(report: &Report) -> BTreeMap<&str, (&str, Verdict)> {
    let of = |check| report.findings.iter().filter(move |finding| finding.check == check);
    ["inbound-virus", "inbound-spam", "backscatter"]
        .into_iter()
        .flat_map(of)
        .map(|finding| (finding.check.as_str(), (finding.outcome.as_str(), finding.verdict)))
        .collect()
}

#[tokio::test]
async fn every_door() -> Result<()> {
    let site = Site::new()?;
    for (label, door) in [
        ("nobody", "no-record"),
        ("silent", "no-record"),
        ("elsewhere", "another-site"),
        ("alias", "alias"),
        ("wild", "wildcard"),
        ("torn", "resolvers-disagree"),
        ("deaf", "unseen"),
        ("twice", "several-records"),
        ("faulty", "faulty-record"),
        ("out", "opted-out"),
        ("both", "opted-out"),
        ("yes", "not-allowed"),
        ("little", "not-allowed"),
    ] {
        let (status, problem) = refused(begin(&site, &format!("{label}.consent.test")).await?).await?;
        ensure!(status == 403 && problem.door.as_deref() == Some(door), "{label}: {status} {problem:?}");
    }
    for typed in ["scanned.consent.test\r\nX-Injected: yes", "<script>", "a b", "127.0.0.1"] {
        let (status, problem) = refused(begin(&site, typed).await?).await?;
        ensure!(status == 422, "{typed}: {status} {problem:?}");
    }
    for mailbox in ["me@victim.test", "a b", "\"a\"", "x%0d%0aDATA", "<b>", "a..b"] {
        let domain = "mailbox.consent.test";
        dns::found(domain, &format!("v=mailsins1; by=probe.test; allow=samples; mailbox={mailbox}")).await?;
        let (status, problem) = refused(begin(&site, domain).await?).await?;
        ensure!(status == 403 && problem.door.as_deref() == Some("faulty-record"), "{mailbox}: {problem:?}");
    }
    Ok(())
}

#[tokio::test]
async fn somebody_elses_servers() -> Result<()> {
    let site = Site::new()?;
    let run: Run = begin(&site, "victim.consent.test").await?.error_for_status()?.json().await?;
    let run = beyond(&site, &run.id, RunStage::Sending).await?;
    ensure!(run.stage == RunStage::Closed && run.trouble.is_some() && run.address.is_none(), "{run:#?}");
    let [sent] = run.log.as_slice() else { bail!("{:#?}", run.log) };
    ensure!(sent.address.to_string() == "127.25.70.2" && sent.answer.starts_with("554"), "{sent:?}");
    for (what, body) in [("code", Some(json!({ "code": "ABCD-2345" }))), ("start", None)] {
        let (status, problem) = refused(deed(&site, &run.id, what, body).await?).await?;
        ensure!((status, problem.kind.as_str()) == (409, "/problems/run-stage"), "{what}: {problem:?}");
    }
    let run: Run = begin(&site, "minds.consent.test").await?.error_for_status()?.json().await?;
    let run = beyond(&site, &run.id, RunStage::Sending).await?;
    ensure!(run.stage == RunStage::Closed && run.log.is_empty(), "{run:#?}");
    Ok(())
}

/// A resolver that fails for a moment puts a run off; only a record that is gone, or resolvers that differ, end it.
#[tokio::test]
async fn a_resolver_that_fails_for_a_moment() -> Result<()> {
    let site = Site::new()?;
    let rows = [
        // The second resolver fails when the message is to be sent, and the first one when it is asked for the MX.
        ("flaky", RunStage::Code, "", 2, 1),
        // It never comes back.
        ("dumb", RunStage::Closed, "SERVFAIL", 2, 0),
        ("fades", RunStage::Closed, "There is no TXT record", 0, 0),
        ("turns", RunStage::Closed, "Two resolvers", 0, 0),
    ];
    for (label, stage, says, waits, messages) in rows {
        let run: Run = begin(&site, &format!("{label}.consent.test")).await?.error_for_status()?.json().await?;
        let (begun, mut waited) = (Instant::now(), false);
        let run = loop {
            let run = look(&site, &run.id).await?;
            if run.stage != RunStage::Sending {
                break run;
            }
            let again = run.trouble.as_ref().is_some_and(|why| why.ends_with("It is tried again."));
            ensure!(run.trouble.is_none() || (again && run.log.is_empty()), "{label}: {run:#?}");
            waited |= again;
            ensure!(begun.elapsed() < PATIENCE, "{label} stays there: {run:#?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        ensure!(run.stage == stage && run.log.len() == messages, "{label}: {run:#?}");
        ensure!(run.trouble.as_deref().unwrap_or_default().contains(says), "{label}: {run:#?}");
        // Between two attempts are two seconds here, and eleven minutes elsewhere.
        let took = begun.elapsed();
        ensure!(waited == (waits > 0) && took.as_secs() >= 2 * waits, "{label}: {took:?}");
    }
    Ok(())
}

/// Many domains that name one server have it refuse four messages within its rest, and so many in a day: the others wait,
/// and then are told that it is enough. What it answers is shown as text.
#[tokio::test]
async fn mail_bombing_through_us() -> Result<()> {
    let site = Site::new()?;
    let (mut refused, mut waited, mut capped) = (Vec::new(), 0, 0);
    let mut page = String::new();
    for n in 0..10 {
        let domain = format!("bomb{n}.consent.test");
        let says = "v=mailsins1; by=probe.test; allow=samples; mailbox=postmaster";
        dns::found_at(&domain, "mx.crowd.consent.test", says).await?;
        let run: Run = begin(&site, &domain).await?.error_for_status()?.json().await?;
        let begun = Instant::now();
        let run = beyond(&site, &run.id, RunStage::Sending).await?;
        waited += usize::from(begun.elapsed() > Duration::from_secs(10));
        refused.extend(run.log.iter().filter(|sent| sent.answer.starts_with("554")).map(|sent| sent.at));
        capped += usize::from(run.log.iter().any(|sent| sent.answer == Unseen::GateCap.sentence()));
        if n == 0 {
            page = site.get(&format!("/run/{}", run.id)).await?.text().await?;
        }
    }
    // A rest is fifteen seconds here, and a day has eight.
    refused.sort_unstable();
    let too_many =
        |five: &[u64]| five.first().zip(five.last()).is_some_and(|(first, last)| last.saturating_sub(*first) < 15_000);
    ensure!(refused.len() == 8 && !refused.windows(5).any(too_many), "{refused:?}");
    ensure!((1..=6).contains(&waited) && capped == 2, "{waited} waited, {capped} were told");
    ensure!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>"), "{page}");
    Ok(())
}

#[tokio::test]
async fn who_scans_is_clean_and_consent_ends_with_its_record() -> Result<()> {
    let site = Site::new()?;
    let run = opened(&site, "scanned").await?;
    let (run, report) = tested(&site, &run, |sample| (sample == Sample::Control).then_some(Choice::Inbox)).await?;
    let refused_all = ("refused", Verdict::Clean);
    let want = ["backscatter", "inbound-spam", "inbound-virus"].map(|check| (check, refused_all));
    ensure!(outcomes(&report) == BTreeMap::from(want), "{:#?}\n{:#?}", outcomes(&report), run.log);
    let sin = report.sins.iter().find(|sin| sin.sin == Sin::NoScanning).context("sin 6")?;
    ensure!(sin.verdict == Verdict::Clean && sin.tested == 3 && sin.total == 3, "{sin:?}");
    let grant = report.grant.as_ref().context("no grant in the report")?;
    ensure!(grant.mailbox.as_str() == "tester" && grant.addresses.len() == 1, "{grant:?}");
    // The log has all that was sent, and the transcript what was answered.
    ensure!(
        run.log.len() == 8 && run.log.iter().all(|sent| sent.address.to_string() == "127.25.70.1"),
        "{:#?}",
        run.log
    );
    let virus = report.findings.iter().find(|finding| finding.check == "inbound-virus").context("a finding")?;
    ensure!(virus.seen.matches("554 5.7.1").count() == 5, "{}", virus.seen);
    let text = serde_json::to_string(&report)?;
    let eicar: String = "-TSET-SURIVITNA-DRADNATS-RACIE".chars().rev().collect();
    ensure!(!text.contains(&eicar), "the report holds the test file itself");
    let report = run.report.as_deref().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let markdown = site.get(&format!("/r/{report}.md")).await?.text().await?;
    ensure!(markdown.contains("By consent"), "the Markdown does not say what was tested by consent");

    // What the record says when they are to begin is what counts, whatever it said before.
    let second = opened(&site, "scanned").await?;
    let kept = "v=mailsins1; by=probe.test; allow=samples; mailbox=tester";
    for (says, door) in [
        (&[][..], Some("no-record")),
        (&["v=mailsins1; by=other.test; allow=samples; mailbox=tester"], Some("another-site")),
        (&["v=mailsins1; by=probe.test; allow=history"], Some("not-allowed")),
        (&["v=mailsins1; probe=none"], Some("opted-out")),
        (&[kept, "v=mailsins1; probe=none"], Some("opted-out")),
        (&[kept, "v=mailsins1; by=probe.test; allow=limits; mailbox=tester"], Some("several-records")),
        // The code went to another mailbox.
        (&["v=mailsins1; by=probe.test; allow=samples; mailbox=postmaster"], None),
    ] {
        dns::say("scanned.consent.test", says).await?;
        let (status, problem) = refused(deed(&site, &second.id, "start", None).await?).await?;
        ensure!(status == 403 && problem.door.as_deref() == door, "{says:?}: {status} {problem:?}");
        ensure!(look(&site, &second.id).await?.scan.is_none(), "{says:?}: it began in spite of that");
    }
    dns::say("scanned.consent.test", &[kept]).await?;
    Ok(())
}

#[tokio::test]
async fn who_does_not_scan_is_mortal_and_who_drops_is_not_accused() -> Result<()> {
    let site = Site::new()?;
    let run = opened(&site, "blind").await?;
    let (_, report) = tested(&site, &run, |_| Some(Choice::Inbox)).await?;
    let said = outcomes(&report);
    ensure!(said.get("inbound-virus") == Some(&("delivered", Verdict::Mortal)), "{said:?}");
    ensure!(said.get("inbound-spam") == Some(&("delivered", Verdict::Note)), "{said:?}");
    ensure!(said.get("backscatter") == Some(&("silent", Verdict::Clean)), "{said:?}");
    let sin = report.sins.iter().find(|sin| sin.sin == Sin::NoScanning).context("sin 6")?;
    ensure!(sin.verdict == Verdict::Mortal, "{sin:?}");
    let virus = report.findings.iter().find(|finding| finding.check == "inbound-virus").context("a finding")?;
    ensure!(virus.seen.matches("\n250 2.0.0 Ok: queued").count() == 5, "{}", virus.seen);
    ensure!(virus.seen.matches("its owner states: in the inbox").count() == 5, "{}", virus.seen);
    // What came is what was to come: each form of the test file, and nothing else that was not asked for.
    let mut came: Vec<String> = Vec::new();
    for file in std::fs::read_dir(mailbox("blind"))? {
        let text = std::fs::read_to_string(file?.path())?;
        let subject = text.lines().find(|line| line.starts_with("Subject:")).unwrap_or_default().to_owned();
        if !subject.contains("[mailsins test of blind.consent.test]") {
            continue; // it stands by for another domain
        }
        ensure!(text.contains("probe=none") && text.contains("List-Unsubscribe:") && text.contains("Auto-Submitted:"));
        came.push(subject);
    }
    ensure!(came.len() == 8, "{came:#?}");

    // By forms, as somebody without scripts does it.
    let run = opened(&site, "blind").await?;
    let page = site.get(&format!("/run/{}", run.id)).await?.text().await?;
    ensure!(
        page.contains("127.25.70.2") && page.contains("name=\"start\"") && page.contains("EICAR in a ZIP archive"),
        "{page}"
    );
    let drops = |sample| Some(if sample == Sample::Control { Choice::Inbox } else { Choice::Nowhere });
    let (_, report) = tested(&site, &run, drops).await?;
    let said = outcomes(&report);
    ensure!(said.get("inbound-virus") == Some(&("stopped", Verdict::Clean)), "{said:?}");
    ensure!(report.findings.iter().all(|f| f.sin != Sin::NoScanning || f.verdict < Verdict::Venial), "{said:?}");

    let (status, problem) = refused(begin(&site, "blind.consent.test").await?).await?;
    ensure!((status, problem.kind.as_str()) == (409, "/problems/runs-used"), "{status} {problem:?}");
    Ok(())
}

/// The server that stands by for another is tested where somebody names it, by a code that came through itself.
#[tokio::test]
async fn who_stands_by_is_tested_by_its_name() -> Result<()> {
    let site = Site::new()?;
    let begin = async |host: &str| {
        let body = json!({ "domain": "spare.consent.test", "host": host });
        site.send(Method::POST, "/api/v1/runs", Some(body)).await
    };
    for bad in ["a b", "x\r\ny", ""] {
        ensure!(begin(bad).await?.status() == 422, "{bad:?}");
    }
    let run: Run = begin("mx.blind.consent.test").await?.error_for_status()?.json().await?;
    let run = open(&site, "blind", run).await?;
    ensure!(run.address.is_some_and(|address| address.to_string() == "127.25.70.2") && run.log.len() == 1, "{run:#?}");
    let (run, report) = tested(&site, &run, |_| Some(Choice::Inbox)).await?;
    let said = outcomes(&report);
    ensure!(said.get("inbound-virus") == Some(&("delivered", Verdict::Mortal)), "{said:?}");
    ensure!(run.log.iter().all(|sent| sent.address.to_string() == "127.25.70.2"), "{:#?}", run.log);
    // No server of the domain's is none of its own.
    let run: Run = begin("mx.late.consent.test").await?.error_for_status()?.json().await?;
    let run = beyond(&site, &run.id, RunStage::Sending).await?;
    ensure!(run.stage == RunStage::Closed && run.log.is_empty(), "{run:#?}");
    Ok(())
}

#[tokio::test]
async fn what_comes_back_and_who_guesses() -> Result<()> {
    let site = Site::new()?;
    let sink = Sink::open().await?;
    let run = opened(&site, "late").await?;
    let bounces = async {
        // What real Postfix sends back goes to the site as the platform's mail service gives it.
        for _ in 0..5 {
            let bounce = sink.next().await?;
            ensure!(bounce.sender.is_empty() && bounce.recipient.starts_with("b-"), "{}", bounce.recipient);
            // The local runtime takes no mail from an empty address.
            let (status, said) = give(&site, "<>", &bounce.recipient, bounce.message).await?;
            ensure!(status == 200, "{status} {said}");
        }
        Ok(())
    };
    let says = |sample| {
        (sample == Sample::Control || sample == Sample::Gtube).then_some(Choice::Inbox).or(Some(Choice::Nowhere))
    };
    let (report, bounces) = tokio::join!(tested(&site, &run, says), bounces);
    bounces?;
    let (_, report) = report?;
    let said = outcomes(&report);
    ensure!(said.get("backscatter") == Some(&("bounced", Verdict::Venial)), "{said:?}");
    ensure!(said.get("inbound-virus") == Some(&("stopped", Verdict::Clean)), "{said:?}");
    // Nobody waits for what comes later, or for another token.
    let forged = "Message-ID: <1@victim.test>\r\nSubject: x\r\n\r\n".to_owned();
    give(&site, "<>", "b-0123456789abcdef01234567@probe.test", forged).await?;

    let run: Run = begin(&site, "late.consent.test").await?.error_for_status()?.json().await?;
    let run = beyond(&site, &run.id, RunStage::Sending).await?;
    let right = code("late", &run.id).await?;
    // Without the record the right code opens nothing, and is not used up.
    dns::say("late.consent.test", &[]).await?;
    let (status, problem) = refused(deed(&site, &run.id, "code", Some(json!({ "code": right }))).await?).await?;
    dns::say("late.consent.test", &["v=mailsins1; by=probe.test; allow=samples; mailbox=tester"]).await?;
    ensure!(status == 403 && problem.door.as_deref() == Some("no-record"), "{status} {problem:?}");
    ensure!(look(&site, &run.id).await?.stage == RunStage::Code, "it opened in spite of that");
    for tries_left in (0..5).rev() {
        let (status, problem) =
            refused(deed(&site, &run.id, "code", Some(json!({ "code": "AAAA-AAAA" }))).await?).await?;
        ensure!((status, problem.kind.as_str()) == (403, "/problems/wrong-code"), "{status} {problem:?}");
        ensure!(look(&site, &run.id).await?.tries_left == tries_left);
    }
    let (status, _) = refused(deed(&site, &run.id, "code", Some(json!({ "code": right }))).await?).await?;
    ensure!(
        status == 409 && look(&site, &run.id).await?.stage == RunStage::Closed,
        "the right code was taken after all: {status}"
    );
    Ok(())
}

#[tokio::test]
async fn the_page() -> Result<()> {
    let site = Site::new()?;
    let page = site.get("/run").await?;
    ensure!(page.status() == 200 && page.headers().get("x-robots-tag").is_none());
    let html = page.text().await?;
    for part in [
        "action=\"/run\"",
        "by=probe.test; allow=relay,samples,limits; mailbox=postmaster",
        "probe=none",
        "EICAR, attached",
    ] {
        ensure!(html.contains(part), "the page lacks {part}: {html}");
    }
    ensure!(site.get("/run/0123456789abcdef0123456789abcdef").await?.status() == 404);
    ensure!(site.get("/run.js").await?.text().await?.contains("data-run"));
    Ok(())
}
