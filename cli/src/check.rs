//! `mailsins check`.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::pin::pin;

use futures_util::StreamExt;
use futures_util::stream;
use probe::Clock;
use probe::egress::Egress;
use probe::rest::REST;
use probe::tls::Authorities;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use shared::case::{AGAIN_MS, HOSTS_MAX, SCAN_MS, selectors};
use shared::{Case, DomainName, Options, Report, Unseen, judge};
use tokio::runtime::Runtime;

use crate::args::Check;
use crate::ask::{Asker, Run};
use crate::checked::Subject;
use crate::clock::Wall;
use crate::courtesy::Courtesy;
use crate::crank::turn;
use crate::exit::Exit;
use crate::fetch::{self, Fetcher};
use crate::outcomes::Outcomes;
use crate::progress::Progress;
use crate::resolver::{NO_RESOLVER, Resolver, Server};
use crate::{End, domains, refuse};

pub(crate) fn run(check: &Check) -> End {
    match begin(check) {
        Ok((means, subjects, outcomes)) => turn_all(check, means, subjects, outcomes),
        Err((end, message)) => refuse(end, &message),
    }
}

/// What a run needs besides its domains.
struct Means {
    servers: Vec<Server>,
    egress: Egress,
    selectors: Vec<String>,
    trusted: Trusted,
    runtime: Runtime,
}

/// Reads all that the user named, so that nothing is asked where something makes no sense.
fn begin(check: &Check) -> Result<(Means, Vec<Subject>, Outcomes), (End, String)> {
    let usage = |why: String| (End::Usage, why);
    let (subjects, notes) = domains::read(&check.domains, check.from.as_deref()).map_err(usage)?;
    if !check.output.quiet {
        notes.iter().for_each(|note| eprintln!("{}", shared::visible::visible(note)));
    }
    let selectors = selectors(&check.selector).map_err(usage)?;
    let foreign = check.host.iter().find(|host| subjects.iter().all(|subject| !host.is_within(&subject.domain)));
    if let (Some(host), Some(subject)) = (foreign, subjects.first()) {
        let all = Options { selectors: Vec::new(), hosts: vec![host.clone()] };
        return Err(usage(all.check(&subject.domain).err().unwrap_or_else(|| format!("{host} is no host."))));
    }
    for subject in &subjects {
        if options(check, &selectors, &subject.domain).hosts.len() > HOSTS_MAX {
            return Err(usage(format!("At most {HOSTS_MAX} hosts of a domain can be named.")));
        }
    }
    let servers = check.resolvers.servers();
    if servers.is_empty() {
        return Err((End::Unable, NO_RESOLVER.to_owned()));
    }
    let egress = check.egress.as_deref().map_or(Ok(Egress::Direct), Egress::read);
    let egress =
        egress.map_err(|why| usage(format!("The value of --egress or MAILSINS_EGRESS is of no use: {why}.")))?;
    let trusted = check.ca_file.as_deref().map(authorities).transpose().map_err(usage)?.unwrap_or_default();
    let outcomes = Outcomes::new(&check.output, &subjects).map_err(usage)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| (End::Unable, error.to_string()))?;
    Ok((Means { servers, egress, selectors, trusted, runtime }, subjects, outcomes))
}

/// The choices for one domain: of the hosts those that are its own.
fn options(check: &Check, selectors: &[String], domain: &DomainName) -> Options {
    let hosts: BTreeSet<_> = check.host.iter().filter(|host| host.is_within(domain)).cloned().collect();
    Options { selectors: selectors.to_vec(), hosts: hosts.into_iter().collect() }
}

/// Checks all, some at a time, and takes what came of them in their order.
fn turn_all(check: &Check, means: Means, subjects: Vec<Subject>, mut outcomes: Outcomes) -> End {
    let Means { servers, egress, selectors, trusted: (authorities, own, pem), runtime } = means;
    runtime.block_on(async {
        let run = Run {
            resolver: Resolver::new(servers),
            fetcher: Fetcher::new(check.allow_private, authorities),
            exit: Exit::new(egress, pem),
            authorities: own,
            clock: Wall::start(),
            courtesy: Courtesy::forgetting(if check.patient { again_ms().min(REST.answered) } else { REST.answered }),
            cancelled: Cell::new(false),
        };
        let progress = Progress::new(check.output.quiet, check.output.verbose, subjects.len());
        let one = async |(number, subject): (usize, Subject)| {
            let result = one(check, &run, &progress, &selectors, &subject.domain).await;
            (number, (subject, result))
        };
        let mut answers =
            pin!(stream::iter(subjects.into_iter().enumerate().map(one)).buffer_unordered(check.jobs.into()));
        let (mut early, mut next) = (BTreeMap::new(), 0);
        while let Some((number, done)) = answers.next().await {
            early.insert(number, done);
            while let Some((subject, result)) = early.remove(&next) {
                progress.clear();
                outcomes.add(subject, result);
                next += 1;
            }
        }
    });
    // Sockets and resolver tasks that are still open must not hold up the end.
    runtime.shutdown_background();
    outcomes.end()
}

/// Checks one domain. An error is a sentence for people.
async fn one(
    check: &Check,
    run: &Run,
    progress: &Progress,
    selectors: &[String],
    domain: &DomainName,
) -> Result<Report, String> {
    let cancelled = || Err("Cancelled.".to_owned());
    if run.cancelled.get() {
        return cancelled();
    }
    let nonce = getrandom::u64().map_err(|_| "The system gives no random numbers.".to_owned())?;
    let now = run.clock.now();
    let mut case = Case::new(domain.clone(), check.probe_domain.clone(), format!("{nonce:016x}"), now);
    case.options = options(check, selectors, domain);
    case.admit_private = check.allow_private;
    case.blocklists.clone_from(&check.blocklist);
    case.again = check.patient.then(again_ms);
    // What comes back needs the time until then, and that of a conversation.
    let later = case.again.map_or(0, |again| again + SCAN_MS);
    let deadline = now + check.timeout * 1000 + later;
    let asker = Asker::new(run, &case, deadline);
    turn(&mut case, &asker, progress, deadline).await;
    if case.cancelled {
        return cancelled();
    }
    let report = judge(&case);
    match no_resolver(&report) {
        Some(why) => Err(format!("{why} Name another one with --resolver.")),
        None => Ok(report),
    }
}

/// How long greylisting is waited for. A debug build can be told a shorter time, for tests with servers of one's own.
fn again_ms() -> u64 {
    let told = std::env::var("MAILSINS_LAB_AGAIN_MS").ok().filter(|_| cfg!(debug_assertions));
    told.and_then(|text| text.parse().ok()).unwrap_or(AGAIN_MS)
}

/// Certificates of authorities, in the shapes that it takes.
type Trusted = (Vec<reqwest::Certificate>, Authorities, Vec<CertificateDer<'static>>);

/// The authorities that `--ca-file` names: for HTTPS, for mail servers, and for a proxy.
fn authorities(file: &Path) -> Result<Trusted, String> {
    let read = std::fs::read(file).map_err(|error| error.to_string());
    let der = |pem: &[u8]| CertificateDer::pem_slice_iter(pem).filter_map(Result::ok).collect();
    read.and_then(|pem| Ok((fetch::authorities(&pem)?, Authorities::from_pem(&pem), der(&pem))))
        .map_err(|why| format!("{} can't be used: {why}", file.display()))
}

/// Why nothing at all came from DNS, if it was the resolver's fault.
fn no_resolver(report: &Report) -> Option<Unseen> {
    let mut failures = report
        .evidence
        .iter()
        .filter(|e| matches!(e.inquiry, shared::Inquiry::Dns { .. }))
        .map(|e| e.answer.as_ref().err());
    let first = *failures.next()??;
    let ours = |why: &Unseen| matches!(why, Unseen::ResolverFailed | Unseen::DnsTimeout);
    (ours(&first) && failures.all(|why| why.is_some_and(ours))).then_some(first)
}
