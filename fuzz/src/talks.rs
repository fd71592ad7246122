//! Byte streams of servers, through the whole session engine and into the judgement.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use probe::dialogue::Talk;
use probe::egress::{Egress, tunnel};
use probe::tls::{Authorities, handshake};
use probe::{Identity, session};
use shared::evidence::Offer;
use shared::inquiry::{Opening, Script};
use shared::{Answer, DomainName, Unseen};

use crate::source::Source;
use crate::stream::{NOW, Peer, Ticks, at_once};
use crate::worlds;

/// Where the host is.
pub const HOST: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 41, 0, 4));
/// Its name.
pub const NAME: &str = "mx1.example.org";

/// A name that is known to be one.
pub fn name(text: &str) -> DomainName {
    DomainName::new(text).unwrap_or_else(|why| panic!("{text}: {why}"))
}

/// What comes of a conversation with a server that says this, in pieces of this size.
pub fn talk(script: &Script, host: Option<DomainName>, port: u16, says: &[u8], piece: usize) -> Result<Answer, Unseen> {
    let identity = Identity::at(&name("probe.example"));
    let talk = Talk::new(script, &identity, "n0nce", HOST).inside_tls(host, port);
    let clock = Ticks::default();
    let authorities = Authorities::default();
    at_once(session::run(Peer { says, piece }, talk, &clock, &authorities, |_| {}))
}

/// The first octet chooses script and port, the second how large the pieces are that the rest comes in.
fn any_of(data: &[u8], scripts: &[(Script, u16)]) {
    let mut source = Source(data);
    let (script, port) = source.pick(scripts);
    let piece = match source.byte() {
        0 => usize::MAX,
        size => usize::from(size),
    };
    let answer = talk(script, Some(name(NAME)), *port, source.0, piece);
    worlds::judged(script, *port, answer);
}

/// Surveys, recipients, submission, injection.
pub fn smtp(data: &[u8]) {
    let domain = name("example.org");
    let scripts = [
        (Script::SmtpSurvey, 25),
        (Script::SmtpRecipients { domain: domain.clone(), contact: None, again: false }, 25),
        (Script::SubmissionSurvey { domain }, 587),
        (Script::SmtpInjection, 25),
    ];
    any_of(data, &scripts);
}

/// IMAP in the clear, and with TLS from the first octet.
pub fn imap(data: &[u8]) {
    any_of(data, &[(Script::ImapSurvey, 143), (Script::ImapSurvey, 993)]);
}

/// POP3, alike.
pub fn pop3(data: &[u8]) {
    any_of(data, &[(Script::PopSurvey, 110), (Script::PopSurvey, 995)]);
}

/// ManageSieve.
pub fn sieve(data: &[u8]) {
    any_of(data, &[(Script::SieveSurvey, 4190)]);
}

/// The answer to an offer of our own making, behind a STARTTLS that went well.
pub fn hello(data: &[u8]) {
    let offers = [Offer::Old, Offer::Weak].map(|offer| (Script::Hello(Opening::Smtp, offer), 25));
    let (choice, says) = data.split_at(data.len().min(2));
    let before = b"220 mx1.example.org ESMTP\r\n250-mx1.example.org\r\n250 STARTTLS\r\n220 go\r\n";
    // The dialogue counts what comes in one piece with the yes as sent in the clear: small pieces part them.
    any_of(&[choice, before, says].concat(), &offers);
}

/// The records of a whole handshake.
pub fn tls(data: &[u8]) {
    let mut source = Source(data);
    let piece = usize::from(source.byte()) * 16 + 1;
    let mut peer = Peer { says: source.0, piece };
    let clock = Ticks::default();
    let (_, inside) =
        at_once(handshake(&mut peer, &clock, &name(NAME), Some(&Authorities::default()), NOW + 1_000_000));
    assert!(inside.is_none(), "nobody signed anything");
}

/// What an operator may configure as a proxy, and what the proxy says.
pub fn proxy(data: &[u8]) {
    let mut source = Source(data);
    let texts = [
        "http://192.0.2.1:3128",
        "http://user:secret@192.0.2.1",
        "socks5://192.0.2.1",
        "socks5://user:secret@192.0.2.1",
    ];
    let chosen = source.byte();
    let text = match texts.get(usize::from(chosen)) {
        Some(text) => (*text).to_owned(),
        None => source.text(),
    };
    let target = SocketAddr::from((HOST, 25));
    if let Ok(egress) = Egress::read(&text)
        && let Some(proxy) = egress.proxy(25)
    {
        let shown = format!("{egress:?}");
        // A text of the input's own may name its host anything.
        let secret = usize::from(chosen) < texts.len() && shown.contains("secret");
        assert!(!shown.contains('@') && !secret, "a log would hold {shown}");
        let peer = Peer { says: source.0, piece: usize::MAX };
        let _ = at_once(tunnel(peer, proxy, target, &Ticks::default()));
    }
}
