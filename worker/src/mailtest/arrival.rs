//! Reads a message: asks DNS what it takes, checks the signatures, and says what comes of it.

use std::time::Duration;

use futures_util::future::join_all;
use shared::api::Arrived;
use shared::evidence::MailSeen;
use shared::outbound::message::with_crlf;
use shared::outbound::{Checked, Mail, Vouched, judge, lacks};
use shared::syntax::dkim;
use shared::visible::from_bytes;
use shared::{Answer, Case, DomainName, Evidence, Inquiry, Unseen};
use worker::Env;

use crate::problem::Refusal;
use crate::{config, resolver, time};

/// How long all questions together may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// So many questions are asked at once.
const AT_ONCE: usize = 6;

/// The most that is kept of a header, in octets.
const HEADER_MAX: usize = 64 * 1024;

/// What is to be known of a message.
pub(super) struct Read {
    pub(super) arrived: Arrived,
    /// The domain in From, and who stands for it.
    pub(super) author: Option<DomainName>,
    pub(super) vouched: Option<Vouched>,
    /// What a scan of that domain may take over.
    pub(super) seen: Option<MailSeen>,
}

pub(super) async fn read(env: &Env, raw: &[u8], sender: &str) -> Result<Read, Refusal> {
    let at = time::now();
    let message = with_crlf(raw);
    let mail = Mail::read(&message, sender, &config::mail_receiver(env), at / 1000);
    let mut case = mail.case(&config::probe_domain(env)?);
    // What could not be asked in time is missing, and so untested.
    let _ = time::within(PATIENCE, ask(env, &mail, &mut case)).await;
    // The record of a key; an error where it could not be looked up.
    let key = |domain: &DomainName, selector: &str| {
        let name = dkim::name(selector, domain).ok_or(Unseen::NoBase)?;
        let evidence = case.get(&Inquiry::dns(&name, shared::inquiry::RecordType::Txt)).ok_or(Unseen::OutOfTime)?;
        evidence.answer.as_ref().map_err(|why| *why)?;
        let texts = evidence.dns().map(shared::evidence::DnsAnswer::texts).unwrap_or_default();
        Ok(texts.into_iter().find(|text| dkim::is_key(text)))
    };
    let mut checked = Vec::new();
    for (nth, signature) in mail.signatures.iter().enumerate() {
        let Ok(signature) = signature else { continue };
        checked.push(match key(&signature.domain, &signature.selector) {
            Err(why) => Checked::Unseen(why),
            Ok(None) => Checked::NoKey,
            Ok(Some(key)) => probe::dkim::check(&message, nth, signature, &key, at / 1000),
        });
    }
    let chain = probe::dkim::arc::check(&message, &mail.sets, &key, at / 1000);
    let header: usize = mail.fields.iter().map(|field| field.raw.len() + 2).sum();
    let from = mail.fields.iter().find(|field| field.is("From"));
    let judged = judge(&mail, &case, &checked, &chain);
    let seen = mail.evidence(&judged);
    let arrived = Arrived {
        at,
        sender: sender.to_owned(),
        author: from.map(|field| field.text.clone()).unwrap_or_default(),
        client: mail.hop.as_ref().map(|hop| format!("{} [{}]", hop.helo, hop.address)),
        size: raw.len() as u64,
        said: judged.said,
        header: from_bytes(message.get(..header.min(HEADER_MAX)).unwrap_or(&message)).replace("\r\n", "\n"),
    };
    Ok(Read { arrived, author: mail.author.clone().ok(), vouched: judged.vouched, seen })
}

async fn ask(env: &Env, mail: &Mail<'_>, case: &mut Case) {
    loop {
        let open = lacks(mail, case);
        if open.is_empty() {
            return;
        }
        for some in open.chunks(AT_ONCE) {
            let answers = join_all(some.iter().map(|inquiry| one(env, inquiry))).await;
            for (inquiry, answer) in some.iter().zip(answers) {
                case.add(Evidence {
                    inquiry: inquiry.clone(),
                    at: time::now(),
                    took: 0,
                    answer: answer.map(Answer::Dns),
                });
            }
        }
    }
}

async fn one(env: &Env, inquiry: &Inquiry) -> Result<shared::evidence::DnsAnswer, Unseen> {
    match inquiry {
        Inquiry::Dns { name, record, unchecked } => resolver::lookup(env, name, *record, *unchecked).await,
        _ => Err(Unseen::Failed),
    }
}
