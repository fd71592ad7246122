use std::net::Ipv4Addr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

const HOST: &str = "mta-sts.h.test";

/// An authority with its certificate in PEM.
fn authority() -> (Issuer<'static, KeyPair>, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = params.self_signed(&key).unwrap().pem();
    (Issuer::new(params, key), pem)
}

/// A certificate for a name and years, signed by an authority or by itself.
fn certificate(
    by: Option<&Issuer<'static, KeyPair>>,
    name: &str,
    years: (i32, i32),
) -> (CertificateDer<'static>, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(years.0, 1, 1), date_time_ymd(years.1, 1, 1));
    let made = match by {
        Some(issuer) => params.signed_by(&key, issuer),
        None => params.self_signed(&key),
    };
    (made.unwrap().into(), key)
}

/// A server that answers one request with this; its port.
async fn serve((certificate, key): (CertificateDer<'static>, KeyPair), answer: Vec<u8>) -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await else { return };
        let mut request = vec![0; 4096];
        let count = stream.read(&mut request).await.unwrap();
        let request = String::from_utf8_lossy(&request[..count]).to_ascii_lowercase();
        assert!(request.starts_with("get /.well-known/mta-sts.txt http/1.1\r\n"), "{request}");
        assert!(request.contains("user-agent: mailsins/") && !request.contains("cookie"), "{request}");
        // A client that has enough hangs up before all is written.
        let _ = stream.write_all(&answer).await;
        let _ = stream.shutdown().await;
    });
    port
}

async fn get(port: u16, authority: &str) -> Result<Answer, Unseen> {
    let url = HttpsUrl::new(&format!("https://{HOST}/.well-known/mta-sts.txt")).unwrap();
    let fetcher = Fetcher { admit_private: true, authorities: authorities(authority.as_bytes()).unwrap(), port };
    fetcher.get(&url, &[Ipv4Addr::LOCALHOST.into()], Instant::now() + DEADLINE).await
}

fn response(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len()).as_bytes(), body]
        .concat()
}

#[tokio::test]
async fn responses() {
    let big = vec![b'a'; BODY_MAX + 100_000];
    let rows = [
        (response("200 OK\r\nContent-Type: text/plain", b"version: STSv1\n\xff"), (200, "text/plain", 19, false, None)),
        (response("301 Moved\r\nLocation: https://127.0.0.1/x", b""), (301, "", 0, false, Some("https://127.0.0.1/x"))),
        (response("404 Not Found\r\nSet-Cookie: a=b", b"no"), (404, "", 2, false, None)),
        (response("200 OK", &big), (200, "", BODY_MAX, true, None)),
    ];
    for (answer, (status, kind, length, truncated, redirect)) in rows {
        let (issuer, pem) = authority();
        let port = serve(certificate(Some(&issuer), HOST, (2020, 2099)), answer).await;
        let Ok(Answer::Fetch(got)) = get(port, &pem).await else { panic!("no response {status}") };
        assert_eq!((got.status, got.media_type.as_str(), got.body.len()), (status, kind, length));
        assert_eq!((got.truncated, got.redirect.as_deref()), (truncated, redirect));
    }
}

#[tokio::test]
async fn certificates() {
    let (issuer, pem) = authority();
    let (other, _) = authority();
    let rows = [
        (certificate(Some(&issuer), HOST, (2001, 2002)), FetchFault::CertificateExpired),
        (certificate(Some(&issuer), HOST, (2098, 2099)), FetchFault::CertificateNotYetValid),
        (certificate(Some(&issuer), "h.test", (2020, 2099)), FetchFault::CertificateName),
        (certificate(Some(&other), HOST, (2020, 2099)), FetchFault::CertificateUntrusted),
        (certificate(None, HOST, (2020, 2099)), FetchFault::CertificateUntrusted),
    ];
    for (certificate, want) in rows {
        let port = serve(certificate, response("200 OK", b"")).await;
        assert_eq!(get(port, &pem).await, Ok(Answer::NotFetched(want)));
    }
    // A certificate of an authority where one of a host belongs.
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let own = (params.self_signed(&key).unwrap().into(), key);
    let port = serve(own, response("200 OK", b"")).await;
    assert_eq!(get(port, &pem).await, Ok(Answer::NotFetched(FetchFault::CertificateUntrusted)));
}

#[tokio::test]
async fn no_tls() {
    let (_, pem) = authority();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let _ = stream.shutdown().await;
    });
    assert_eq!(get(port, &pem).await, Ok(Answer::NotFetched(FetchFault::Tls)));
    // Nobody listens there any more.
    assert_eq!(get(port, &pem).await, Err(Unseen::Refused));
}

#[tokio::test]
async fn files_of_authorities() {
    assert!(authorities(b"").is_err() && authorities(b"hello").is_err());
    assert_eq!(authorities(authority().1.as_bytes()).unwrap().len(), 1);
}
