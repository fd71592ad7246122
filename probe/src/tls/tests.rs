//! Handshakes with a server in memory: good ones, ones to note, broken ones.

use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::{ServerConfig, ServerConnection};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use shared::evidence::Path;
use tokio::io::duplex;

use super::*;

/// A day within all that is valid here.
const NOW: u64 = 1_795_000_000_000;

struct Real;

impl Clock for Real {
    fn now(&self) -> u64 {
        NOW
    }
    fn sleep(&self, for_: Duration) -> impl Future<Output = ()> {
        tokio::time::sleep(for_)
    }
}

struct Made {
    chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
}

trait Dates {
    fn dated(self, from: i32, to: i32) -> Self;
}

impl Dates for CertificateParams {
    fn dated(mut self, from: i32, to: i32) -> Self {
        self.not_before = rcgen::date_time_ymd(from, 1, 1);
        self.not_after = rcgen::date_time_ymd(to, 1, 1);
        self
    }
}

fn params(host: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap().dated(2026, 2028);
    params.distinguished_name.push(DnType::CommonName, host);
    params
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default().dated(2020, 2040);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn signed(params: CertificateParams, by: &CertifiedIssuer<'static, KeyPair>) -> Made {
    let key = KeyPair::generate().unwrap();
    let own = params.signed_by(&key, by).unwrap();
    Made { chain: vec![own.der().clone(), by.der().clone()], key }
}

fn self_signed(params: CertificateParams) -> Made {
    let key = KeyPair::generate().unwrap();
    Made { chain: vec![params.self_signed(&key).unwrap().der().clone()], key }
}

fn server(made: &Made, versions: &[&'static rustls::SupportedProtocolVersion]) -> ServerConnection {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(client::provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(made.chain.clone(), key)
        .unwrap();
    ServerConnection::new(Arc::new(config)).unwrap()
}

/// Everything that the server sends until both have enough, the client's bytes being what they are.
fn in_memory(made: &Made, versions: &[&'static rustls::SupportedProtocolVersion]) -> (Tls, ServerConnection) {
    let mut server = server(made, versions);
    let mut tls = Tls::new(&DomainName::new("mx.h.test").unwrap(), NOW).unwrap();
    for _ in 0..10 {
        let out = tls.out();
        let mut bytes = out.as_slice();
        while !bytes.is_empty() {
            server.read_tls(&mut bytes).unwrap();
            server.process_new_packets().unwrap();
        }
        let mut out = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut out).unwrap();
        }
        assert!(tls.take(&out).unwrap().is_empty());
    }
    assert!(!tls.connection.is_handshaking() && !server.is_handshaking());
    (tls, server)
}

fn look(made: &Made, trusted: &[CertificateDer<'static>]) -> Secured {
    let (tls, _) = in_memory(made, &[&rustls::version::TLS13]);
    tls.secured(Some(&Authorities(trusted.to_vec())), NOW)
}

#[test]
fn what_is_agreed_on() {
    let made = self_signed(params("mx.h.test"));
    let rows: [(&'static rustls::SupportedProtocolVersion, &str); 2] =
        [(&rustls::version::TLS13, "TLSv1.3"), (&rustls::version::TLS12, "TLSv1.2")];
    for (version, name) in rows {
        let (mut tls, mut server) = in_memory(&made, &[version]);
        let secured = tls.secured(None, NOW);
        assert_eq!((secured.version.as_str(), secured.group.as_deref()), (name, Some("x25519")));
        assert!(secured.suite.starts_with("TLS_") && secured.suite.contains("GCM"), "{}", secured.suite);
        assert_eq!((secured.unverified, secured.chain.len(), secured.path), (None, 0, None));

        // And it carries octets, both ways.
        let sealed = tls.seal(b"EHLO x\r\n");
        server.read_tls(&mut sealed.as_slice()).unwrap();
        server.process_new_packets().unwrap();
        let mut heard = [0; 8];
        std::io::Read::read_exact(&mut server.reader(), &mut heard).unwrap();
        assert_eq!(&heard, b"EHLO x\r\n");
        let long = b"250 x\r\n".repeat(10_000);
        let mut wire = Vec::new();
        for part in long.chunks(8_000) {
            std::io::Write::write_all(&mut server.writer(), part).unwrap();
            while server.wants_write() {
                server.write_tls(&mut wire).unwrap();
            }
        }
        assert_eq!(tls.open(&wire).unwrap(), long);
        server.send_close_notify();
        let mut wire = Vec::new();
        server.write_tls(&mut wire).unwrap();
        assert_eq!(tls.open(&wire), Err(Unseen::Closed));
    }
}

#[test]
fn where_chains_lead() {
    let ca = authority("Test CA");
    let trusted = [ca.der().clone()];
    let good = || signed(params("mx.h.test"), &ca);
    let mut own_ca = params("mx.h.test");
    own_ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // Signed by another authority of the same name.
    let forged = Made {
        chain: vec![signed(params("mx.h.test"), &authority("Test CA")).chain[0].clone(), trusted[0].clone()],
        key: KeyPair::generate().unwrap(),
    };
    let look_at = |made: &Made, trusted: &[CertificateDer<'static>]| {
        let mut secured = Secured::default();
        chain::look(&mut secured, &made.chain, trusted, NOW);
        (secured.path.unwrap(), secured.chain.get(1).and_then(|certificate| certificate.anchors))
    };
    assert_eq!(look_at(&good(), &trusted), (Path::Trusted, Some(true)));
    assert_eq!(look_at(&good(), &[]), (Path::UnknownIssuer, Some(true)));
    let expired = signed(params("mx.h.test").dated(2025, 2026), &ca);
    assert_eq!(look_at(&expired, &trusted), (Path::Expired, Some(false)));
    let early = signed(params("mx.h.test").dated(2030, 2031), &ca);
    assert_eq!(look_at(&early, &trusted), (Path::NotYetValid, Some(false)));
    assert_eq!(look_at(&self_signed(params("mx.h.test")), &trusted), (Path::UnknownIssuer, None));
    assert_eq!(look_at(&self_signed(own_ca), &trusted), (Path::UnknownIssuer, None));
    assert_eq!(look_at(&forged, &trusted), (Path::BadSignature, Some(false)));
    let unrelated = Made { chain: vec![good().chain[0].clone(), authority("Other").der().clone()], key: good().key };
    assert_eq!(look_at(&unrelated, &trusted), (Path::Trusted, Some(false)));
    let rubbish = Made { chain: vec![CertificateDer::from(vec![0x30, 1, 2])], key: good().key };
    assert_eq!(look_at(&rubbish, &trusted), (Path::Other, None));
}

#[test]
fn what_certificates_say() {
    let ca = authority("Test CA");
    let secured = look(&signed(params("MX.h.test"), &ca), &[]);
    let [own, above] = secured.chain.as_slice() else { panic!("{secured:?}") };
    let contents = own.contents.as_ref().unwrap();
    assert_eq!(contents.names, ["mx.h.test"]);
    assert_eq!(contents.common_name.as_deref(), Some("mx.h.test"));
    assert!(contents.subject.contains("CN=MX.h.test") && contents.issuer.contains("CN=Test CA"), "{contents:?}");
    assert_eq!((contents.not_before, contents.not_after), (1_767_225_600_000, 1_830_297_600_000));
    assert_eq!(
        (contents.key.as_str(), contents.bits, contents.signature.as_str()),
        ("P-256", Some(256), "ECDSA-SHA256")
    );
    assert!(!contents.authority && !contents.self_issued);
    let above = above.contents.as_ref().unwrap();
    assert!(above.authority && above.self_issued);
    assert_eq!(
        (own.sha256.len(), own.sha512.len(), contents.key_sha256.len(), contents.key_sha512.len()),
        (64, 128, 64, 128)
    );
    let (start, end) = contents.key_at;
    let key = &signed(params("x"), &ca).chain[0].len(); // only a bound
    assert!(start < end && (end as usize) < key + 100 && end - start == 91, "a P-256 key takes 91 octets");
}

#[test]
fn a_server_without_the_key() {
    let made = self_signed(params("mx.h.test"));
    let stolen = Made { chain: made.chain.clone(), key: KeyPair::generate().unwrap() };
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(stolen.key.serialize_der()));
    let signer = client::provider().key_provider.load_private_key(key).unwrap();
    let certified = Arc::new(rustls::sign::CertifiedKey::new(stolen.chain, signer));
    #[derive(Debug)]
    struct Always(Arc<rustls::sign::CertifiedKey>);
    impl rustls::server::ResolvesServerCert for Always {
        fn resolve(&self, _: rustls::server::ClientHello<'_>) -> Option<Arc<rustls::sign::CertifiedKey>> {
            Some(self.0.clone())
        }
    }
    let config = ServerConfig::builder_with_provider(Arc::new(client::provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Always(certified)));
    let mut server = ServerConnection::new(Arc::new(config)).unwrap();
    let mut tls = Tls::new(&DomainName::new("mx.h.test").unwrap(), NOW).unwrap();
    server.read_tls(&mut tls.out().as_slice()).unwrap();
    server.process_new_packets().unwrap();
    let mut wire = Vec::new();
    while server.wants_write() {
        server.write_tls(&mut wire).unwrap();
    }
    tls.take(&wire).unwrap();
    assert!(tls.secured(None, NOW).unverified.is_some_and(|why| why.contains("Signature")));
}

/// What a server says, and then it closes, or says no more.
async fn over(bytes: &[u8], close: bool) -> Handshake {
    let (mut ours, mut theirs) = duplex(64 * 1024);
    theirs.write_all(bytes).await.unwrap();
    let end = if close { theirs.shutdown().await.map(|()| None).unwrap() } else { Some(theirs) };
    let host = DomainName::new("mx.h.test").unwrap();
    let (outcome, tls) = handshake(&mut ours, &Real, &host, Some(&Authorities::default()), NOW + 30_000).await;
    drop(end);
    assert!(tls.is_none());
    outcome
}

#[tokio::test(start_paused = true)]
async fn peers_that_are_none() {
    let failed = |outcome: Handshake| match outcome {
        Handshake::Failed(fault, _) => fault,
        Handshake::Done(_) => panic!("done"),
    };
    assert_eq!(failed(over(b"", true).await), TlsFault::Closed);
    assert_eq!(failed(over(b"", false).await), TlsFault::Timeout);
    assert_eq!(failed(over(b"250 what?\r\n", false).await), TlsFault::NotTls);
    assert_eq!(failed(over(&[0x15, 3, 3, 0, 2, 2, 40], true).await), TlsFault::Incompatible);
    assert_eq!(failed(over(&[0x15, 3, 1, 0, 2, 2, 70], false).await), TlsFault::Incompatible);
    assert_eq!(failed(over(&[0x15, 3, 3, 0, 2, 2, 80], false).await), TlsFault::Alert);
    assert_eq!(failed(over(&[0x16, 3, 3, 0, 4, 9, 0, 0, 0], false).await), TlsFault::Misbehaved);
    assert_eq!(failed(over(&[0x16, 3, 3, 0xff, 0xff, 1], false).await), TlsFault::Misbehaved);
    // A handshake message that never ends.
    let endless = [&[0x16, 3, 3, 0x3f, 0xff, 2, 0xff, 0xff, 0xff][..], &[0; 0x3ffb]].concat();
    assert_eq!(failed(over(&endless, false).await), TlsFault::Overlong);
    for seed in 0..50_u32 {
        let noise: Vec<u8> =
            (0..300_u32).map(|n| (n.wrapping_mul(2_654_435_761).wrapping_add(seed * 97) >> 13) as u8).collect();
        let kinds = [&[0x16, 3, 3, 0, (seed % 200) as u8], noise.as_slice()].concat();
        assert!(matches!(over(&kinds, true).await, Handshake::Failed(..)));
    }
}

/// A real server's first flight, ended behind each octet of it, and altered at each.
#[tokio::test(start_paused = true)]
async fn broken_off_and_altered_anywhere() {
    let made = self_signed(params("mx.h.test"));
    for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
        let mut server = server(&made, &[version]);
        let mut tls = Tls::new(&DomainName::new("mx.h.test").unwrap(), NOW).unwrap();
        server.read_tls(&mut tls.out().as_slice()).unwrap();
        server.process_new_packets().unwrap();
        let mut wire = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut wire).unwrap();
        }
        for octet in wire.chunks(1) {
            assert!(tls.connection.is_handshaking(), "done before its time");
            assert_eq!(tls.take(octet), Ok(Vec::new()));
        }
        // Another client's handshake does not fit ours beyond the hello; it never ends well.
        for cut in (1..wire.len()).step_by(40) {
            assert!(matches!(over(&wire[..cut], true).await, Handshake::Failed(..)), "{cut}");
        }
        for at in (0..wire.len()).step_by(20) {
            let mut altered = wire.clone();
            altered[at] ^= 0x55;
            assert!(matches!(over(&altered, true).await, Handshake::Failed(..)), "{at}");
        }
    }
}

/// An IMAP server that begins in TLS. Its greeting comes together with the end of the handshake.
async fn serve_imaps(
    mut stream: tokio::io::DuplexStream,
    made: &Made,
    version: &'static rustls::SupportedProtocolVersion,
) {
    let mut tls = server(made, &[version]);
    std::io::Write::write_all(&mut tls.writer(), b"* OK hi\r\n").unwrap();
    let mut buffer = [0; 1024];
    let mut heard = Vec::new();
    loop {
        let mut out = Vec::new();
        while tls.wants_write() {
            tls.write_tls(&mut out).unwrap();
        }
        stream.write_all(&out).await.unwrap();
        let count = stream.read(&mut buffer).await.unwrap_or(0);
        if count == 0 {
            return;
        }
        tls.read_tls(&mut &buffer[..count]).unwrap();
        let state = tls.process_new_packets().unwrap();
        let start = heard.len();
        heard.resize(start + state.plaintext_bytes_to_read(), 0);
        std::io::Read::read_exact(&mut tls.reader(), &mut heard[start..]).unwrap();
        while let Some(end) = heard.iter().position(|octet| *octet == b'\n') {
            let line = String::from_utf8(heard.drain(..=end).collect()).unwrap();
            let tag = line.split(' ').next().unwrap();
            let said = if line.contains("LOGOUT") { "* BYE" } else { "* CAPABILITY AUTH=PLAIN" };
            std::io::Write::write_all(&mut tls.writer(), format!("{said}\r\n{tag} OK\r\n").as_bytes()).unwrap();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn tls_from_the_start() {
    use shared::evidence::LineStep;
    let made = self_signed(params("imap.h.test"));
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let dialogue = crate::lines::Dialogue::new(crate::lines::Protocol::Imap)
            .inside_tls(DomainName::new("imap.h.test").ok(), 993);
        let (ours, theirs) = duplex(16 * 1024);
        let authorities = Authorities::default();
        let run = crate::session::run(ours, dialogue, &Real, &authorities, |_| {});
        let (session, ()) = tokio::join!(run, serve_imaps(theirs, &made, version));
        let session = session.unwrap();
        assert_eq!(session.broke, None);
        let steps: Vec<_> = session.exchanges.iter().map(|e| e.step).collect();
        assert_eq!(steps, [LineStep::Greeting, LineStep::Capability, LineStep::Logout]);
        let own = session.tls.as_ref().unwrap().secured().unwrap().own().unwrap();
        assert!(own.names_host("imap.h.test"));
    }
}

/// A mail server that goes into TLS; `extra` follows its yes to STARTTLS in the clear.
async fn serve(mut stream: tokio::io::DuplexStream, made: &Made, extra: &str) {
    let mut tls: Option<ServerConnection> = None;
    let mut heard = Vec::new();
    let mut buffer = [0; 1024];
    stream.write_all(b"220 mx.h.test\r\n").await.unwrap();
    loop {
        let count = stream.read(&mut buffer).await.unwrap_or(0);
        if count == 0 {
            return;
        }
        match &mut tls {
            None => heard.extend_from_slice(&buffer[..count]),
            Some(tls) => {
                tls.read_tls(&mut &buffer[..count]).unwrap();
                let state = tls.process_new_packets().unwrap();
                let start = heard.len();
                heard.resize(start + state.plaintext_bytes_to_read(), 0);
                std::io::Read::read_exact(&mut tls.reader(), &mut heard[start..]).unwrap();
            }
        }
        while let Some(end) = heard.iter().position(|octet| *octet == b'\n') {
            let line = String::from_utf8(heard.drain(..=end).collect()).unwrap();
            let reply = match line.trim_end() {
                "EHLO probe.us.test" if tls.is_none() => "250-mx.h.test\r\n250 STARTTLS\r\n".to_owned(),
                "STARTTLS" => format!("220 go\r\n{extra}"),
                "QUIT" => "221 bye\r\n".to_owned(),
                "HELP" | "AUTH PLAIN" => "502 no\r\n".to_owned(),
                _ => "250 inside.h.test\r\n".to_owned(),
            };
            match &mut tls {
                None => stream.write_all(reply.as_bytes()).await.unwrap(),
                Some(tls) => std::io::Write::write_all(&mut tls.writer(), reply.as_bytes()).unwrap(),
            }
            if line.starts_with("STARTTLS") {
                tls = Some(server(made, rustls::ALL_VERSIONS));
            }
        }
        let mut out = Vec::new();
        while let Some(tls) = tls.as_mut().filter(|tls| tls.wants_write()) {
            tls.write_tls(&mut out).unwrap();
        }
        stream.write_all(&out).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_whole_conversation() {
    use shared::evidence::Step;
    let made = self_signed(params("mx.h.test"));
    for (extra, dropped) in [("", 0), ("250 injected\r\n", 14)] {
        let identity = crate::Identity::at(&DomainName::new("us.test").unwrap());
        let peer = "192.0.2.1".parse().unwrap();
        let script = shared::inquiry::Script::SmtpSurvey;
        let dialogue =
            crate::smtp::Dialogue::new(&script, &identity, "n", peer).inside_tls(DomainName::new("mx.h.test").ok(), 25);
        let (ours, theirs) = duplex(4096);
        let authorities = Authorities::default();
        let run = crate::session::run(ours, dialogue, &Real, &authorities, |_| {});
        let (session, ()) = tokio::join!(run, serve(theirs, &made, extra));
        let session = session.unwrap();
        assert_eq!(session.broke, None);
        let tls = session.tls.as_ref().unwrap();
        assert_eq!((tls.dropped, tls.secured().unwrap().path), (dropped, Some(Path::UnknownIssuer)));
        let inside: Vec<_> = session.exchanges.iter().filter(|e| e.secure).collect();
        assert_eq!(inside.iter().map(|e| e.step).collect::<Vec<_>>(), [Step::Ehlo, Step::Quit]);
        assert_eq!(inside[0].reply.as_ref().unwrap().lines, ["inside.h.test"]);
    }
}
