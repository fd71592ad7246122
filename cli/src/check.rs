//! `mailsins check`.

use std::collections::BTreeSet;
use std::path::Path;

use probe::Clock;
use probe::egress::Egress;
use probe::tls::Authorities;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use shared::case::{HOSTS_MAX, selectors};
use shared::domain::read_typed;
use shared::{Case, Options, Report, Unseen, judge};

use crate::args::Check;
use crate::ask::{Asker, Run};
use crate::clock::Wall;
use crate::courtesy::Courtesy;
use crate::crank::turn;
use crate::exit::Exit;
use crate::fetch::{self, Fetcher};
use crate::progress::Progress;
use crate::render::finish;
use crate::resolver::{NO_RESOLVER, Resolver};
use crate::{End, refuse};

pub(crate) fn run(check: &Check) -> End {
    let typed = match read_typed(&check.domain, |host| idna::domain_to_ascii_strict(host).ok()) {
        Ok(typed) => typed,
        Err(why) => {
            let message = format!("{} can't be checked: {why}. Try: mailsins check example.org", check.domain);
            return refuse(End::Usage, &message);
        }
    };
    if let Some(note) = &typed.note {
        eprintln!("{}", shared::visible::visible(note));
    }
    let options = match selectors(&check.selector) {
        Ok(selectors) => {
            let hosts = check.host.iter().cloned().collect::<BTreeSet<_>>();
            Options { selectors, hosts: hosts.into_iter().collect() }
        }
        Err(why) => return refuse(End::Usage, &why),
    };
    if let Err(why) = options.check(&typed.domain) {
        return refuse(End::Usage, &why);
    }
    if options.hosts.len() > HOSTS_MAX {
        return refuse(End::Usage, &format!("At most {HOSTS_MAX} hosts can be named."));
    }
    let servers = check.resolvers.servers();
    if servers.is_empty() {
        return refuse(End::Unable, NO_RESOLVER);
    }
    let egress = match check.egress.as_deref().map_or(Ok(Egress::Direct), Egress::read) {
        Ok(egress) => egress,
        Err(why) => {
            return refuse(End::Usage, &format!("The value of --egress or MAILSINS_EGRESS is of no use: {why}."));
        }
    };
    let (authorities, own, pem) = match check.ca_file.as_deref().map(authorities).transpose() {
        Ok(found) => found.unwrap_or_default(),
        Err(message) => return refuse(End::Usage, &message),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(End::Unable, &error.to_string()),
    };
    let Ok(nonce) = getrandom::u64() else {
        return refuse(End::Unable, "the system gives no random numbers");
    };
    let case = runtime.block_on(async {
        let clock = Wall::start();
        let now = clock.now();
        let mut case = Case::new(typed.domain, check.probe_domain.clone(), format!("{nonce:016x}"), now);
        case.options = options;
        case.admit_private = check.allow_private;
        case.blocklists.clone_from(&check.blocklist);
        let deadline = now + check.timeout * 1000;
        let run = Run {
            resolver: Resolver::new(servers),
            fetcher: Fetcher::new(check.allow_private, authorities),
            exit: Exit::new(egress, pem),
            authorities: own,
            clock,
            courtesy: Courtesy::default(),
        };
        let asker = Asker::new(&run, &case, deadline);
        let mut progress = Progress::new(check.output.verbose);
        turn(&mut case, &asker, &mut progress, deadline).await;
        case
    });
    // Sockets and resolver tasks that are still open must not hold up the end.
    runtime.shutdown_background();
    if case.cancelled {
        return refuse(End::Unable, "cancelled");
    }
    let report = judge(&case);
    if let Some(why) = no_resolver(&report) {
        return refuse(
            End::Unable,
            &format!("{} could not be checked. {why} Name another one with --resolver.", report.domain),
        );
    }
    finish(&report, &check.output)
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
