//! A test of mail that goes out: an object for each, named by its address. It takes one message, reads it, and keeps its
//! header and what is said of it for a day; of the body it keeps nothing. At a second address it takes one with a harmless
//! test file, of which it keeps only that it came. A scan of the same domain asks it for evidence.

mod arrival;

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::Duration;

use futures_util::lock::Mutex;
use serde::{Deserialize, Serialize};
use shared::api::{MailTest as Test, MailTestWord as Word, SampleTest, TestFile};
use shared::evidence::{Arrival, MailSeen, Shown};
use shared::grant::Token;
use shared::outbound::Vouched;
use shared::outbound::message::with_crlf;
use shared::{DomainName, Unseen};
use worker::js_sys::Uint8Array;
use worker::{
    DurableObject, Env, ForwardableEmailMessage, Method, Request, RequestInit, Response, State, durable_object,
};

use crate::active::arrival as letters;
use crate::problem::{Kind, Refusal};
use crate::{body, config, ids, respond, time};

/// The most that a message may have, in octets.
const MESSAGE_MAX: usize = 1024 * 1024;

/// The most that is kept of a bounce's header, in octets.
const HEADER_MAX: usize = 4096;

/// How the addresses begin: of the harmless mail, and of that with a test file.
const PREFIXES: [&str; 2] = ["t-", "s-"];

/// Where a test stands in its object.
const KEY: &str = "test";

/// The object.
#[durable_object(alarm)]
pub struct MailTest {
    state: State,
    env: Env,
    one_at_a_time: Mutex<()>,
}

// A panic leaves at worst a message unread: what is kept is one value.
impl UnwindSafe for MailTest {}
impl RefUnwindSafe for MailTest {}

impl DurableObject for MailTest {
    fn new(state: State, env: Env) -> Self {
        Self { state, env, one_at_a_time: Mutex::new(()) }
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        respond::caught(self.answer(request)).await
    }

    async fn alarm(&self) -> worker::Result<Response> {
        // A message under way is written down before, or not at all.
        let _turn = self.one_at_a_time.lock().await;
        self.state.storage().delete_all().await?;
        Response::empty()
    }
}

/// What an object keeps.
#[derive(Serialize, Deserialize)]
struct Kept {
    test: Test,
    /// The domain in From, and who stands for it.
    #[serde(default)]
    author: Option<DomainName>,
    /// What a scan of that domain may take over.
    #[serde(default)]
    seen: Option<MailSeen>,
}

impl MailTest {
    /// `/make` with what to keep; `/look`; `/tell` with a [`Word`] and how long ago that was; `/seen` with a domain; `/take` with a message, and
    /// `/take-file` with one at the second address.
    async fn answer(&self, mut request: Request) -> Result<Response, Refusal> {
        let storage = self.state.storage();
        let path = request.path();
        if path == "/make" {
            let text = request.text().await?;
            let kept: Kept = serde_json::from_str(&text)?;
            storage.put(KEY, text.as_str()).await?;
            storage.set_alarm(Duration::from_millis(kept.test.expires.saturating_sub(time::now()))).await?;
            return Ok(respond::empty(201)?);
        }
        let _turn = self.one_at_a_time.lock().await;
        let text: Option<String> = storage.get(KEY).await?;
        let mut kept: Kept = serde_json::from_str(&text.ok_or_else(|| Refusal::of(Kind::NoMailTest))?)?;
        let now = time::now();
        if kept.test.expires < now {
            return Err(Refusal::of(Kind::NoMailTest));
        }
        let sender = || Ok::<_, Refusal>(request.headers().get("mailsins-sender")?.unwrap_or_default());
        match path.as_str() {
            "/take" => {
                let sender = sender()?;
                kept.take(&self.env, &request.bytes().await?, &sender).await?;
            }
            "/take-file" => {
                let sender = sender()?;
                kept.take_file(&self.env, &request.bytes().await?, &sender).await?;
            }
            "/tell" => {
                let (word, ago): (Word, u64) = serde_json::from_str(&request.text().await?)?;
                kept.tell(&word, now.saturating_sub(ago));
            }
            "/seen" => return Ok(respond::json(200, &kept.evidence(&request.text().await?, now))?),
            _ => return Ok(respond::json(200, &kept.test)?),
        }
        // Reading a message takes a while, and what is written down after the alarm would stay.
        if kept.test.expires < time::now() {
            return Err(Refusal::of(Kind::NoMailTest));
        }
        storage.put(KEY, serde_json::to_string(&kept)?.as_str()).await?;
        Ok(respond::json(200, &kept.test)?)
    }
}

impl Kept {
    async fn take(&mut self, env: &Env, message: &[u8], sender: &str) -> Result<(), Refusal> {
        if self.test.arrived.is_some() {
            return Err(Refusal::of(Kind::Used));
        }
        let read = arrival::read(env, message, sender).await?;
        self.test.of = read.author.as_ref().filter(|_| read.vouched.is_some()).map(ToString::to_string);
        self.test.arrived = Some(read.arrived);
        let address = self.test.address.replacen(PREFIXES[0], PREFIXES[1], 1);
        self.test.sample = Some(SampleTest { address, ..SampleTest::default() });
        (self.author, self.seen) = (read.author, read.seen);
        Ok(())
    }

    /// Only what comes from where the harmless mail came from is the second half of the test.
    async fn take_file(&mut self, env: &Env, message: &[u8], sender: &str) -> Result<(), Refusal> {
        let carried = probe::testfile::carried(message);
        let carried = TestFile::ALL.into_iter().find(|file| carried == Some(file.name()));
        let sample = self.test.sample.as_mut().ok_or_else(|| Refusal::of(Kind::Used))?;
        let came = match carried {
            Some(file) => &mut sample.of_mut(file).came,
            None => &mut sample.bare,
        };
        if came.is_some() {
            return Err(Refusal::of(Kind::Used));
        }
        let read = arrival::read(env, message, sender).await?;
        let by_sender = self.seen.as_ref().is_some_and(|seen| seen.sender.is_some());
        if read.author != self.author || (by_sender && read.vouched != Some(Vouched::Sender)) {
            return Err(Refusal::of(Kind::NoMailTest));
        }
        *came = Some(read.arrived.at);
        Ok(())
    }

    fn tell(&mut self, word: &Word, now: u64) {
        if let (Some(sample), Some(file)) = (&mut self.test.sample, word.sent) {
            sample.of_mut(file).sent.get_or_insert(now);
        }
        self.test.limited = word.limited.or(self.test.limited);
    }

    /// What a scan of this domain may take over. What its holder did or says counts only where the mail came from a
    /// server of the domain: else anybody could speak for it who got hold of a signed mail.
    fn evidence(&self, domain: &str, now: u64) -> Result<MailSeen, Unseen> {
        if self.test.arrived.is_none() {
            return Err(Unseen::NoMailTest);
        }
        let of_domain = self.author.as_ref().is_some_and(|author| author.as_str() == domain);
        let mut seen = self.seen.clone().filter(|_| of_domain).ok_or(Unseen::ForeignMail)?;
        if seen.sender.is_none() {
            return Ok(seen);
        }
        let mut add = |check: &str, outcome: &str, what: String| {
            seen.shown.push(Shown { check: check.to_owned(), outcome: outcome.to_owned(), seen: what });
        };
        let of = |file| self.test.sample.as_ref().and_then(|sample| sample.outcome(file, now));
        let (virus, spam) = (of(TestFile::Eicar), of(TestFile::Gtube));
        // A line of spam that went out does not stand for the file that nobody sent.
        let unsent = spam.is_some().then(|| (Unseen::NoSample.code(), String::new()));
        for (outcome, what) in virus.or(unsent).into_iter().chain(spam) {
            add("outbound-virus", outcome, what);
        }
        if let Some(limited) = self.test.limited {
            let outcome = if limited { "limited" } else { "none" };
            add("outbound-limits", outcome, "as whoever sent the mail states".to_owned());
        }
        Ok(seen)
    }
}

/// Makes a test.
pub async fn make(env: &Env) -> Result<Test, Refusal> {
    let id = ids::random()?;
    let address = format!("{}{}@{}", PREFIXES[0], token(&id), config::probe_domain(env)?);
    let expires = time::now() + config::day_ms(env);
    let test = Test { address, expires, arrived: None, sample: None, limited: None, of: None, id };
    let kept = Kept { test: test.clone(), author: None, seen: None };
    call(env, &token(&test.id), "make", Some(serde_json::to_vec(&kept)?), "").await?;
    Ok(test)
}

/// A test as it stands.
pub async fn look(env: &Env, id: &str) -> Result<Test, Refusal> {
    Ok(call(env, &token(id), "look", None, "").await?.json().await?)
}

/// Takes down what its holder says, and did so long ago, in milliseconds.
pub async fn tell(env: &Env, id: &str, word: &Word, ago: u64) -> Result<Test, Refusal> {
    Ok(call(env, &token(id), "tell", Some(serde_json::to_vec(&(word, ago))?), "").await?.json().await?)
}

/// What a scan of this domain may take over of a test.
pub async fn seen(env: &Env, id: &str, domain: &DomainName) -> Result<MailSeen, Unseen> {
    let seen = async {
        let body = domain.as_str().as_bytes().to_vec();
        Ok::<_, Refusal>(call(env, &token(id), "seen", Some(body), "").await?.json().await?)
    };
    match seen.await {
        Ok(seen) => seen,
        Err(refusal) if refusal.kind() == Kind::NoMailTest => Err(Unseen::NoMailTest),
        Err(_) => Err(Unseen::Failed),
    }
}

/// A message came. What is not for a test of ours, or too big, is refused while its sender still waits.
pub async fn take(env: &Env, message: &ForwardableEmailMessage) -> Result<(), &'static str> {
    const NOBODY: &str = "There is no such address here, or it was written to before";
    let failed = |_| "This could not be taken now, try again later";
    let site = config::probe_domain(env).map_err(|_| NOBODY)?;
    let to = message.to();
    if let Some(token) = bounce_token(&to, &site) {
        return bounced(env, &token, message).await.map_err(|_| NOBODY);
    }
    let (what, token) = of_address(&to, &site).ok_or(NOBODY)?;
    if message.raw_size() > MESSAGE_MAX as f64 {
        return Err("The message is larger than 1 MB");
    }
    let mut stream = message.raw_byte_stream();
    let raw = time::within(Duration::from_secs(20), body::all(&mut stream, MESSAGE_MAX));
    let raw = raw.await.ok_or("The message did not come in time")?.map_err(failed)?;
    let raw = raw.ok_or("The message is larger than 1 MB")?;
    match call(env, token, what, Some(raw), &message.from()).await {
        Ok(_) => Ok(()),
        Err(refusal) if matches!(refusal.kind(), Kind::NoMailTest | Kind::Used) => Err(NOBODY),
        Err(_) => Err(failed(worker::Error::Infallible)),
    }
}

/// The name of the object: nobody gets from the address, which the sender's servers see, to the id.
fn token(id: &str) -> String {
    let mut hash = ids::hash(format!("mail test {id}").as_bytes());
    hash.truncate(32);
    hash
}

/// A bounce, or what else came to where one is waited for.
async fn bounced(env: &Env, token: &Token, message: &ForwardableEmailMessage) -> Result<(), Refusal> {
    let mut stream = message.raw_byte_stream();
    let raw = time::within(Duration::from_secs(20), body::all(&mut stream, MESSAGE_MAX)).await.transpose()?.flatten();
    let raw = raw.ok_or_else(|| Refusal::of(Kind::TooLarge))?;
    let header = header_of(&raw);
    let sender: String = message.from().chars().filter(|c| ('!'..='~').contains(c)).take(320).collect();
    // A message from nobody comes with brackets, or with nothing.
    let sender = sender.trim_matches(['<', '>']).to_owned();
    letters::take(env, token, &Arrival { at: time::now(), sender, client: None, header }).await
}

/// The header of a message, whichever way its lines end.
fn header_of(raw: &[u8]) -> String {
    let text = shared::visible::from_bytes(&with_crlf(raw.get(..HEADER_MAX).unwrap_or(raw)));
    text.split("\r\n\r\n").next().unwrap_or_default().to_owned()
}

fn bounce_token(address: &str, site: &DomainName) -> Option<Token> {
    let (local, domain) = address.rsplit_once('@')?;
    let token = Token::new(local.strip_prefix("b-")?)?;
    domain.eq_ignore_ascii_case(site.as_str()).then_some(token)
}

/// What an object is to do with a message for this address, and which object.
fn of_address<'a>(address: &'a str, site: &DomainName) -> Option<(&'static str, &'a str)> {
    let (local, domain) = address.rsplit_once('@')?;
    let whats = PREFIXES.into_iter().zip(["take", "take-file"]);
    let (what, token) = whats.into_iter().find_map(|(prefix, what)| Some((what, local.strip_prefix(prefix)?)))?;
    (ids::is_id(token) && domain.eq_ignore_ascii_case(site.as_str())).then_some((what, token))
}

async fn call(env: &Env, token: &str, what: &str, body: Option<Vec<u8>>, sender: &str) -> Result<Response, Refusal> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(body.map(|bytes| Uint8Array::from(bytes.as_slice()).into()));
    // A header takes no other octets.
    let sender: String = sender.chars().filter(|c| ('!'..='~').contains(c)).take(320).collect();
    init.headers.set("mailsins-sender", &sender)?;
    let request = Request::new_with_init(&format!("https://mailtest/{what}"), &init)?;
    let response = env.durable_object("MAILTEST")?.get_by_name(token)?.fetch_with_request(request).await?;
    match response.status_code() {
        404 => Err(Refusal::of(Kind::NoMailTest)),
        409 => Err(Refusal::of(Kind::Used)),
        200..=299 => Ok(response),
        _ => Err(Refusal::of(Kind::Internal)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        let header = "Subject: Undelivered\r\nX: y";
        assert_eq!(header_of(b"Subject: Undelivered\r\nX: y\r\n\r\nsecret"), header);
        assert_eq!(header_of(b"Subject: Undelivered\nX: y\n\nsecret"), header);
        assert_eq!(header_of(b"Subject: Undelivered\nX: y"), header);
    }

    #[test]
    fn addresses() {
        let site = DomainName::new("site.example").unwrap();
        let token = token("0123456789abcdef0123456789abcdef");
        assert!(ids::is_id(&token));
        assert_eq!(of_address(&format!("t-{token}@Site.example"), &site), Some(("take", token.as_str())));
        assert_eq!(of_address(&format!("s-{token}@site.example"), &site), Some(("take-file", token.as_str())));
        for other in [
            format!("t-{token}@other.example"),
            format!("{token}@site.example"),
            "t-x@site.example".to_owned(),
            String::new(),
        ] {
            assert_eq!(of_address(&other, &site), None, "{other}");
        }
    }
}
