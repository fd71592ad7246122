//! Asks one inquiry: DNS over a resolver, a document over HTTPS, a probe through its gate.

use std::rc::Rc;
use std::time::Duration;

use futures_util::StreamExt;
use shared::api::Stage;
use shared::case::SCAN_MS;
use shared::{Answer, Evidence, Inquiry, Unseen};
use worker::wasm_bindgen::JsValue;
use worker::{Method, Request, RequestInit};

use super::{Head, Inner};
use crate::gate::{self, Errand, Line};
use crate::{https, log, mailtest, resolver, time};

/// The most that a gate may answer, in octets; a session has 512 KB at most.
const ANSWER_MAX: usize = 4 * 1024 * 1024;

/// Asks, and always comes back with evidence.
pub async fn run(scan: &Rc<Inner>, inquiry: Inquiry) -> Evidence {
    let at = time::now();
    let Some(head) = scan.look(|live| live.head.clone()) else {
        return unseen(inquiry, at, Unseen::Failed);
    };
    let left = Duration::from_millis((head.started + SCAN_MS).saturating_sub(at) + 1000);
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
        Inquiry::Probe { .. } => {
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

/// Asks the gate, which answers in lines: stages, then the evidence.
async fn probe(
    scan: &Inner,
    head: &Head,
    inquiry: &Inquiry,
    on_stage: impl Fn(Stage),
) -> worker::Result<Option<Evidence>> {
    let Inquiry::Probe { address, .. } = inquiry else { return Ok(None) };
    let (name, _) = gate::names(*address);
    let errand = Errand {
        inquiry: inquiry.clone(),
        probe_domain: head.probe_domain.clone(),
        nonce: head.nonce.clone(),
        until: head.started + SCAN_MS,
    };
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(Some(JsValue::from_str(&serde_json::to_string(&errand)?)));
    let request = Request::new_with_init("https://gate/", &init)?;
    let mut response = scan.env.durable_object("GATE")?.get_by_name(&name)?.fetch_with_request(request).await?;
    let mut stream = response.stream()?;
    let mut buffer = Vec::new();
    while let Some(chunk) = stream.next().await {
        buffer.extend_from_slice(&chunk?);
        while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = buffer.drain(..=end).collect();
            match serde_json::from_slice(&line)? {
                Line::Stage(stage) => on_stage(stage),
                Line::Evidence(evidence) => return Ok(Some(*evidence)),
            }
        }
        if buffer.len() > ANSWER_MAX {
            return Ok(None);
        }
    }
    Ok(None)
}

fn unseen(inquiry: Inquiry, at: u64, why: Unseen) -> Evidence {
    Evidence { inquiry, at, took: took(at), answer: Err(why) }
}

fn took(at: u64) -> u32 {
    u32::try_from(time::now().saturating_sub(at)).unwrap_or(u32::MAX)
}
