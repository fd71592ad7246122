//! Asks one inquiry: DNS over a resolver, a document over HTTPS, a probe through its gate.

use std::rc::Rc;
use std::time::Duration;

use shared::api::Stage;
use shared::{Answer, Evidence, Inquiry, Unseen};

use super::{Head, Inner};
use crate::active::arrival;
use crate::gate::{self, Enclosed, Errand};
use crate::{https, log, mailtest, resolver, time};

/// Asks, and always comes back with evidence.
pub async fn run(scan: &Rc<Inner>, inquiry: Inquiry) -> Evidence {
    let at = time::now();
    let Some(head) = scan.look(|live| live.head.clone()) else {
        return unseen(inquiry, at, Unseen::Failed);
    };
    let left = Duration::from_millis(head.end_of_time().saturating_sub(at) + 1000);
    let asked = time::within(left, time::caught(ask(scan, &head, &inquiry, at))).await;
    match asked {
        Some(Some(Ok(evidence))) => evidence,
        Some(Some(Err(why))) => unseen(inquiry, at, why),
        Some(None) => unseen(inquiry, at, Unseen::Failed),
        None => unseen(inquiry, at, Unseen::OutOfTime),
    }
}

async fn ask(scan: &Rc<Inner>, head: &Head, inquiry: &Inquiry, at: u64) -> Result<Evidence, Unseen> {
    match inquiry {
        Inquiry::Dns { name, record, unchecked } => {
            let answer = resolver::lookup(&scan.env, name, *record, *unchecked).await?;
            Ok(Evidence { inquiry: inquiry.clone(), at, took: took(at), answer: Ok(Answer::Dns(answer)) })
        }
        Inquiry::Fetch { url } => {
            let answer = https::document(url, &head.probe_domain).await?;
            Ok(Evidence { inquiry: inquiry.clone(), at, took: took(at), answer: Ok(answer) })
        }
        Inquiry::Mail => {
            let test = head.mailtest.as_deref().ok_or(Unseen::NoMailTest)?;
            let seen = mailtest::seen(&scan.env, test, &head.domain).await?;
            Ok(Evidence { inquiry: inquiry.clone(), at, took: took(at), answer: Ok(Answer::Mail(seen)) })
        }
        Inquiry::Arrival { token } => {
            let answer = arrival::wait(&scan.env, token).await?;
            Ok(Evidence { inquiry: inquiry.clone(), at, took: took(at), answer: Ok(answer) })
        }
        // What they say lands by itself; until then, this waits.
        Inquiry::Owner { .. } => std::future::pending().await,
        Inquiry::Probe { script, .. } => {
            if let Some(token) = script.awaited() {
                // What comes back may be quicker than we are.
                let expected = arrival::expect(&scan.env, token).await;
                expected.map_err(|error| log::failure("arrival", &error)).map_err(|()| Unseen::Failed)?;
            }
            let on_stage = |stage| scan.stage(inquiry, stage);
            let answered = probe(scan, head, inquiry, on_stage).await;
            let evidence = answered.map_err(|error| {
                log::failure("gate call", &error);
                Unseen::Failed
            })?;
            evidence.filter(|evidence| evidence.inquiry == *inquiry).ok_or(Unseen::Failed)
        }
    }
}

/// Asks the gate.
async fn probe(
    scan: &Inner,
    head: &Head,
    inquiry: &Inquiry,
    on_stage: impl Fn(Stage),
) -> worker::Result<Option<Evidence>> {
    let errand = Errand {
        inquiry: inquiry.clone(),
        probe_domain: head.probe_domain.clone(),
        nonce: head.nonce.clone(),
        until: head.end_of_time(),
        letter: head.opened.as_ref().map(|opened| Enclosed { link: opened.link.clone(), code: None }),
    };
    gate::ask(&scan.env, &errand, on_stage).await
}

fn unseen(inquiry: Inquiry, at: u64, why: Unseen) -> Evidence {
    Evidence { inquiry, at, took: took(at), answer: Err(why) }
}

fn took(at: u64) -> u32 {
    u32::try_from(time::now().saturating_sub(at)).unwrap_or(u32::MAX)
}
