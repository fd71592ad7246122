//! Tested remedies: the lines that a report gives for a server's software, taken from the report itself, are put into
//! the configuration of that server of the lab; it starts again, and the next scan finds that sin gone.

use std::net::IpAddr;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use mailsins_lab::{PROBE_DOMAIN, scanner};
use mailsins_tests::sink::{Delivery, Sink};
use mailsins_tests::world::{Told, Wall, World};
use mailsins_tests::{setting, terminal};
use probe::Clock;
use shared::evidence::Arrival;
use shared::grant::{Choice, Grant, Sample, Token};
use shared::local_part::LocalPart;
use shared::syntax::consent::Word;
use shared::{Case, Finding, Report, Verdict};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// Scenario, server, check, outcome, software.
const ROWS: &[(&str, &str, &str, &str, &str)] = &[
    ("sinner", "mail", "open-relay", "relays", "Postfix"),
    ("sinner", "mail", "smtp-cleartext-auth", "offered", "Postfix"),
    ("sinner", "mail", "starttls", "mx-without", "Postfix"),
    ("sinner", "mail", "starttls", "submission-without", "Postfix"),
    ("sinner", "mail", "banner-version", "version", "Postfix"),
    ("sinner", "mail", "banner-internal-name", "internal", "Postfix"),
    ("sinner", "mail", "banner-internal-address", "internal", "Postfix"),
    ("sinner", "mail", "postmaster", "refused", "Postfix"),
    ("sinner", "mail", "abuse", "refused", "Postfix"),
    ("sinner", "mail", "size-limit", "none", "Postfix"),
    ("sinner", "imap", "imap-cleartext-login", "offered", "Dovecot"),
    ("sinner", "imap", "pop3-cleartext-login", "user", "Dovecot"),
    ("sinner", "imap", "starttls", "imap-without", "Dovecot"),
    ("sinner", "imap", "starttls", "pop3-without", "Dovecot"),
    ("sinner", "imap", "banner-version", "version", "Dovecot"),
    ("rogue", "mx1", "open-relay", "relays", "Exim"),
    ("rogue", "mx1", "smtp-cleartext-auth", "offered", "Exim"),
    ("rogue", "mx1", "starttls", "mx-without", "Exim"),
    ("rogue", "mx1", "starttls", "submission-without", "Exim"),
    ("rogue", "mx1", "banner-version", "version", "Exim"),
    ("rogue", "mx1", "banner-internal-name", "internal", "Exim"),
    ("rogue", "mx1", "postmaster", "refused", "Exim"),
    ("rogue", "mx1", "abuse", "refused", "Exim"),
    ("rogue", "mx1", "size-limit", "none", "Exim"),
    ("rogue", "imap", "imap-cleartext-login", "login", "Courier"),
    ("rogue", "imap", "starttls", "imap-without", "Courier"),
    ("rogue", "imap", "starttls", "pop3-without", "Courier"),
    ("relics", "boxes", "tls-version", "client-old", "Dovecot"),
    ("relics", "post", "tls-version", "client-outdated", "Courier"),
    ("relics", "post", "tls-cipher", "client-no-secrecy", "Courier"),
    ("pirate", "mx1", "open-relay", "relays", "OpenSMTPD"),
    ("pirate", "mx1", "banner-internal-name", "internal", "OpenSMTPD"),
    ("pirate", "mx1", "postmaster", "refused", "OpenSMTPD"),
    ("pirate", "mx1", "size-limit", "too-large", "OpenSMTPD"),
];

/// Domains below consent.test that are tested by consent, and the same of what is found there.
const BY_CONSENT: &[(&str, [u8; 4], &str, &str)] =
    &[("blind", [127, 25, 70, 2], "inbound-virus", "delivered"), ("late", [127, 25, 70, 3], "backscatter", "bounced")];

#[tokio::test(flavor = "multi_thread")]
async fn remedies_by_consent_work() -> Result<()> {
    for (label, address, check, outcome) in BY_CONSENT {
        let of = |report: &Report| {
            let finding = report.findings.iter().find(|finding| finding.check == *check).cloned();
            finding.with_context(|| format!("nothing is said of {check}"))
        };
        let before = of(&by_consent(label, *address).await?)?;
        ensure!(before.outcome == *outcome && before.verdict >= Verdict::Venial, "{label}: {before:#?}");
        let mut recipes = before.remedy.iter().flat_map(|remedy| &remedy.recipes);
        let recipe = recipes.find(|recipe| recipe.software == "Postfix").context("no lines for Postfix")?;
        let recipe = format!("{}\n{}", recipe.place, recipe.lines);
        mend("consent", label, &recipe).await?;
        let after = by_consent(label, *address).await.and_then(|report| of(&report));
        mend("consent", label, "").await?;
        let after = after?;
        ensure!(after.outcome == "refused" && after.verdict == Verdict::Clean, "after\n{recipe}\n{after:#?}");
    }
    Ok(())
}

/// A run by consent, whose owner looks into the mailbox; what comes back arrives.
async fn by_consent(label: &str, address: [u8; 4]) -> Result<Report> {
    let (told, address) = (Told::default(), IpAddr::from(address));
    let nonce = format!("{:016x}", Wall.now());
    let mut case =
        Case::new(format!("{label}.consent.test").parse()?, PROBE_DOMAIN.parse()?, nonce.clone(), Wall.now());
    case.admit_private = true;
    let mailbox = LocalPart::new("tester").context("a local part")?;
    case.grant = Some(Grant { allow: vec![Word::Samples], mailbox, addresses: vec![address], sink: None });
    let (sink, news) = (Sink::open().await?, told.clone());
    let listens = async move {
        while let Ok(Delivery { sender, recipient, message, .. }) = sink.next().await {
            let token = recipient.split(['-', '@']).nth(1).unwrap_or_default().to_owned();
            let arrival = Arrival { at: Wall.now(), sender, client: None, header: message };
            if let Ok(mut news) = news.lock() {
                news.insert(token, arrival);
            }
        }
    };
    let folder = scanner::mailbox(label);
    let owner = move |sample: Sample| {
        let token = Token::of(&nonce, &format!("{} {address}", sample.name()));
        let files = std::fs::read_dir(&folder).ok()?.flatten();
        let here = files.map(|file| std::fs::read_to_string(file.path()).unwrap_or_default());
        let is_here = here.into_iter().any(|text| text.contains(&format!("Message-ID: <{}@", token.as_str())));
        is_here.then_some(Choice::Inbox)
    };
    let world = World::new(&case, told, owner);
    tokio::select! {
        report = world.drive(case) => Ok(report),
        () = listens => anyhow::bail!("the run takes too long"),
    }
}

/// One after the other: they change servers that others share.
#[tokio::test(flavor = "multi_thread")]
async fn remedies_work() -> Result<()> {
    let mut failures = Vec::new();
    for servers in ROWS.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let Some((scenario, server, ..)) = servers.first() else { continue };
        let before = scan(scenario).await?;
        for row in servers {
            if let Err(error) = one(row, &before).await {
                failures.push(format!("{row:?}: {error:#}"));
            }
        }
        mend(scenario, server, "").await?;
    }
    ensure!(failures.is_empty(), "{}", failures.join("\n\n"));
    Ok(())
}

async fn one(row: &(&str, &str, &str, &str, &str), before: &Report) -> Result<()> {
    let (scenario, server, check, outcome, software) = row;
    let recipes = |finding: &&Finding| {
        let recipe = finding.remedy.iter().flat_map(|remedy| &remedy.recipes).find(|r| r.software == *software);
        recipe.map(|recipe| (finding.subject.clone(), format!("{}\n{}", recipe.place, recipe.lines)))
    };
    let sins = |finding: &&Finding| {
        finding.check == *check && finding.outcome == *outcome && finding.verdict >= Verdict::Venial
    };
    let sinful: Vec<(String, String)> = before.findings.iter().filter(sins).filter_map(|f| recipes(&f)).collect();
    let (_, recipe) = sinful.first().context("the report gives no lines for it")?;
    mend(scenario, server, recipe).await?;
    let after = scan(scenario).await?;
    for (subject, _) in &sinful {
        let mut found = after.findings.iter().filter(|f| f.check == *check && f.subject == *subject).peekable();
        ensure!(found.peek().is_some(), "nothing is said of {subject} any more, after\n{recipe}");
        for finding in found {
            let gone = matches!(finding.verdict, Verdict::Clean | Verdict::Note);
            ensure!(gone, "{} {} ({subject}) after\n{recipe}\n{}", finding.outcome, finding.verdict, finding.seen);
        }
    }
    Ok(())
}

async fn scan(scenario: &str) -> Result<Report> {
    let domain = format!("{scenario}.test");
    let (code, json, errors) = terminal(&["check", &domain, "--json"]).await?;
    serde_json::from_str(&json).with_context(|| format!("exit code {code}: {errors}"))
}

/// Starts a server again with this remedy, or none, in its configuration.
async fn mend(scenario: &str, server: &str, recipe: &str) -> Result<()> {
    let mut command = Command::new(setting("MAILSINS_X")?);
    command.args(["lab", "mend", scenario, server]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context("start x lab mend")?;
    child.stdin.take().context("no stdin")?.write_all(recipe.as_bytes()).await?;
    let output = child.wait_with_output().await?;
    ensure!(output.status.success(), "{recipe}\n{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
