//! How conversations leave: straight, or on port 25 through a proxy.

use std::net::SocketAddr;
use std::sync::Arc;

use probe::egress::{Egress, Proxy, Scheme, straight, tunnel};
use probe::session::{CONNECT_TIMEOUT, connect_error};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use shared::Unseen;
use tokio::io::{AsyncRead, AsyncWrite, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::clock::Wall;

/// A stream to a mail server, whatever it goes through.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// Opens connections to mail servers.
pub(crate) struct Exit {
    egress: Egress,
    /// Authorities that may vouch for the proxy besides the widely trusted ones.
    authorities: Vec<CertificateDer<'static>>,
}

impl Exit {
    pub(crate) fn new(egress: Egress, authorities: Vec<CertificateDer<'static>>) -> Self {
        Self { egress, authorities }
    }

    /// An open stream in which the peer speaks next.
    pub(crate) async fn connect(&self, peer: SocketAddr, clock: &Wall) -> Result<BufReader<Box<dyn Stream>>, Unseen> {
        if let Some(proxy) = self.egress.proxy(peer.port()) {
            let stream = timeout(CONNECT_TIMEOUT, self.open(proxy)).await.ok().flatten().ok_or(Unseen::ExitDown)?;
            return tunnel(stream, proxy, peer, clock).await;
        }
        match timeout(CONNECT_TIMEOUT, TcpStream::connect(peer)).await {
            Ok(Ok(stream)) => {
                let _ = stream.set_nodelay(true);
                Ok(straight(Box::new(stream)))
            }
            Ok(Err(error)) => Err(connect_error(&error, peer.ip())),
            Err(_) => Err(Unseen::ConnectTimeout),
        }
    }

    /// A stream to the proxy; its name is looked up by the system.
    async fn open(&self, proxy: &Proxy) -> Option<Box<dyn Stream>> {
        let stream = TcpStream::connect((proxy.host.as_str(), proxy.port)).await.ok()?;
        let _ = stream.set_nodelay(true);
        if proxy.scheme != Scheme::Https {
            return Some(Box::new(stream));
        }
        let name = ServerName::try_from(proxy.host.clone()).ok()?;
        Some(Box::new(TlsConnector::from(self.tls()?).connect(name, stream).await.ok()?))
    }

    /// Unlike mail servers, the proxy has to show a certificate that counts: it is told a password.
    fn tls(&self) -> Option<Arc<ClientConfig>> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        roots.add_parsable_certificates(self.authorities.iter().cloned());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
        Some(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair};
    use rustls::ServerConfig;
    use rustls::pki_types::PrivateKeyDer;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    /// A proxy inside TLS that answers one request with this; its port and certificate.
    async fn proxy(answer: &'static str) -> (u16, CertificateDer<'static>) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate: CertificateDer<'static> = params.self_signed(&key).unwrap().into();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await else { return };
            let mut request = vec![0; 4096];
            let count = stream.read(&mut request).await.unwrap();
            assert!(request[..count].starts_with(b"CONNECT 192.0.2.1:25 HTTP/1.1\r\n"));
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
        });
        (port, certificate)
    }

    async fn through(egress: &str, authorities: Vec<CertificateDer<'static>>) -> Result<String, Unseen> {
        let exit = Exit::new(Egress::read(egress).unwrap(), authorities);
        let mut stream = exit.connect("192.0.2.1:25".parse().unwrap(), &Wall::start()).await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        Ok(text)
    }

    #[tokio::test]
    async fn a_proxy_inside_tls() {
        let answer = "HTTP/1.1 200 OK\r\n\r\n220 mx.test ESMTP\r\n";
        let (port, certificate) = proxy(answer).await;
        let came = through(&format!("https://me:s3cret@localhost:{port}"), vec![certificate]).await;
        assert_eq!(came.as_deref(), Ok("220 mx.test ESMTP\r\n"));

        let (port, certificate) = proxy("HTTP/1.1 407 No\r\n\r\n").await;
        let came = through(&format!("https://me:s3cret@localhost:{port}"), vec![certificate]).await;
        assert_eq!(came, Err(Unseen::ExitRefused));
    }

    #[tokio::test]
    async fn a_proxy_that_is_not_told_the_password() {
        let (port, _) = proxy("").await;
        assert_eq!(through(&format!("https://me:s3cret@localhost:{port}"), vec![]).await, Err(Unseen::ExitDown));
        // Another name than the certificate's.
        let (port, certificate) = proxy("").await;
        let other = format!("https://me:s3cret@127.0.0.1:{port}");
        assert_eq!(through(&other, vec![certificate]).await, Err(Unseen::ExitDown));
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        assert_eq!(through(&format!("socks5://127.0.0.1:{closed}"), vec![]).await, Err(Unseen::ExitDown));
    }
}
