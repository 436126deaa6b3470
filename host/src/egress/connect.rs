//! Makes connections: looks the helpdesk up, connects to an address that was checked, and shakes hands over TLS.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use std::vec;

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::client::legacy::connect::{Connection as _, HttpConnector};
use hyper_util::rt::TokioIo;
use rustls::client::Resumption;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

#[cfg(feature = "accounts")]
use super::dial::Dialer;
use super::{Refused, address};

/// Time to connect to the addresses of a helpdesk. A TCP handshake around the world takes 0.3 s; a lost packet costs one
/// to three more.
pub(super) const CONNECT: Duration = Duration::from_secs(5);

/// Time for all of it: looking up, connecting, and the TLS handshake, which takes one or two rounds more.
const ALL: Duration = Duration::from_secs(10);

/// TLS sessions kept for an account, to resume: Freshdesk sends two tickets a handshake.
const SESSIONS: usize = 4;

/// Settings for trials: they make the host reach a simulator by the same code that reaches Freshdesk.
#[derive(Clone, Debug, Default)]
pub struct Development {
    /// Hosts that are looked up here instead of in DNS: `acme.freshdesk.com` → `127.0.0.1:8443`. These addresses alone
    /// need not be public.
    pub resolve: HashMap<String, SocketAddr>,
    /// Certificates, in PEM, of authorities to trust beside the public ones.
    pub trust_roots: Vec<String>,
}

/// Why the way out could not be set up.
#[derive(Debug, Error)]
pub enum EgressError {
    /// A trust root is not a certificate.
    #[error("a trust root is no certificate in PEM: {0}")]
    TrustRoot(String),
    /// TLS cannot be configured.
    #[error("TLS cannot be configured: {0}")]
    Tls(#[from] rustls::Error),
}

/// A connection over TLS, or none where a development setting says so.
pub(super) type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// What all connections share: the trusted roots and the way to look hosts up.
pub(super) struct Connecting {
    tls: ClientConfig,
    resolver: Resolver,
}

impl Connecting {
    pub(super) fn new(development: &Development) -> Result<Self, EgressError> {
        let resolver = Resolver { named: Arc::new(development.resolve.clone()) };
        Ok(Self { tls: tls(&development.trust_roots)?, resolver })
    }

    /// What connects to others than helpdesks, with the same roots and the same look-up.
    #[cfg(feature = "accounts")]
    pub(super) fn dialer(&self) -> Dialer {
        Dialer::new(self.tls.clone(), self.resolver.clone())
    }

    /// A connector with TLS sessions of its own, so that no account resumes another's.
    pub(super) fn connector(&self) -> Connector {
        let mut http = HttpConnector::new_with_resolver(self.resolver.clone());
        http.enforce_http(false);
        http.set_connect_timeout(Some(CONNECT));
        http.set_nodelay(true);
        let mut tls = self.tls.clone();
        tls.resumption = Resumption::in_memory_sessions(SESSIONS);
        let https = HttpsConnectorBuilder::new().with_tls_config(tls).https_only().enable_all_versions();
        Connector { https: https.wrap_connector(http), patience: ALL }
    }
}

/// Connects for one account.
pub(super) struct Connector {
    https: HttpsConnector<HttpConnector<Resolver>>,
    patience: Duration,
}

impl Connector {
    /// A connection to the authority of `uri`, and whether HTTP/2 was agreed on.
    pub(super) async fn connect(&self, uri: Uri) -> Result<(Stream, bool), Refused> {
        let connecting = self.https.clone().call(uri);
        let stream = timeout(self.patience, connecting)
            .await
            .map_err(|_| Refused::Unreachable(format!("no connection within {} s", self.patience.as_secs_f64())))?
            .map_err(|why| Refused::Unreachable(super::story(&*why)))?;
        let two = stream.connected().is_negotiated_h2();
        Ok((stream, two))
    }
}

/// TLS 1.2 or 1.3, against the public roots and `extra` ones.
pub(crate) fn tls(extra: &[String]) -> Result<ClientConfig, EgressError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for pem in extra {
        let mut certificates = CertificateDer::pem_slice_iter(pem.as_bytes()).peekable();
        if certificates.peek().is_none() {
            return Err(EgressError::TrustRoot("there is none in it".to_owned()));
        }
        for certificate in certificates {
            let certificate = certificate.map_err(|why| EgressError::TrustRoot(why.to_string()))?;
            roots.add(certificate).map_err(|why| EgressError::TrustRoot(why.to_string()))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}

/// Looks hosts up in a table first, then in DNS, whose answers have to be public addresses. Connections are made to the
/// addresses that come out of here, so that no second look-up can say otherwise.
#[derive(Clone)]
pub(super) struct Resolver {
    named: Arc<HashMap<String, SocketAddr>>,
}

impl Resolver {
    /// The addresses to connect to. Port 0 stands for the scheme's own.
    pub(super) async fn look_up(&self, name: &str) -> std::io::Result<Vec<SocketAddr>> {
        match self.named.get(name) {
            Some(address) => Ok(vec![*address]),
            None => address::checked(tokio::net::lookup_host((name, 0)).await?).map_err(std::io::Error::other),
        }
    }
}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let resolver = self.clone();
        Box::pin(async move { Ok(resolver.look_up(name.as_str()).await?.into_iter()) })
    }
}

#[cfg(test)]
mod tests {
    #[cfg(feature = "command")]
    use rustls::HandshakeKind;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    fn connector(development: &Development, patience: Duration) -> Connector {
        Connector { patience, ..Connecting::new(development).unwrap().connector() }
    }

    /// `localhost` is what a name looks like whose owner points it inside.
    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_connected_to() {
        let connector = connector(&Development::default(), ALL);
        let refused = connector.connect(Uri::from_static("https://localhost:8443")).await.err().unwrap();
        assert!(matches!(&refused, Refused::Unreachable(why) if why.contains("127.0.0.1")), "{refused}");
    }

    #[tokio::test]
    async fn a_handshake_that_never_comes_is_not_waited_for() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let resolve = [("acme.freshdesk.com".to_owned(), silent.local_addr().unwrap())].into();
        let development = Development { resolve, ..Development::default() };
        let connector = connector(&development, Duration::from_millis(200));
        let refused = connector.connect(Uri::from_static("https://acme.freshdesk.com")).await.err().unwrap();
        assert!(matches!(&refused, Refused::Unreachable(why) if why.contains("within 0.2 s")), "{refused}");
    }

    /// What a client says to a server that answers its greeting by this version of TLS: level and kind of an alert.
    async fn alert_at_version(version: [u8; 2]) -> [u8; 2] {
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let resolve = [("acme.freshdesk.com".to_owned(), server.local_addr().unwrap())].into();
        let connector = connector(&Development { resolve, ..Development::default() }, ALL);
        let answering = async {
            let (mut stream, _) = server.accept().await.unwrap();
            assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
            // A record with a server's greeting: version, 32 random bytes, no session, a cipher that nobody offered, no
            // compression.
            let greeting = [&[2, 0, 0, 38], &version[..], &[7; 32], &[0, 0, 0x2f, 0]].concat();
            let record = [&[22, 3, 3, 0, 42], &greeting[..]].concat();
            stream.write_all(&record).await.unwrap();
            let mut alert = [0; 7];
            stream.read_exact(&mut alert).await.unwrap();
            [alert[5], alert[6]]
        };
        let (alert, connected) =
            tokio::join!(answering, connector.connect("https://acme.freshdesk.com".parse().unwrap()));
        assert!(matches!(connected, Err(Refused::Unreachable(_))));
        alert
    }

    /// What was found to be broken is not spoken, whoever asks for it: SSL 3, TLS 1.0 and 1.1.
    #[tokio::test]
    async fn nothing_older_than_tls_1_2_is_spoken() {
        const FATAL: u8 = 2;
        const PROTOCOL_VERSION: u8 = 70;
        for version in [[3, 0], [3, 1], [3, 2]] {
            assert_eq!(alert_at_version(version).await, [FATAL, PROTOCOL_VERSION], "{version:?}");
        }
        // At TLS 1.2, it is not the version that this greeting is refused for.
        assert_ne!(alert_at_version([3, 3]).await[1], PROTOCOL_VERSION);
    }

    /// Connects, asks for something, since a server hands its tickets out behind the handshake, and says how hands were
    /// shaken.
    #[cfg(feature = "command")]
    async fn shaken(connector: &Connector) -> HandshakeKind {
        let (stream, _) = connector.connect("https://acme.freshdesk.com".parse().unwrap()).await.ok().unwrap();
        let mut stream = TokioIo::new(stream);
        stream.write_all(b"GET / HTTP/1.1\r\nhost: acme.freshdesk.com\r\nconnection: close\r\n\r\n").await.unwrap();
        assert!(stream.read_to_end(&mut Vec::new()).await.unwrap() > 0);
        let MaybeHttpsStream::Https(tls) = stream.inner() else { panic!("it is not over TLS") };
        tls.inner().get_ref().1.handshake_kind().unwrap()
    }

    /// A session that is resumed tells the server that it was there before. Accounts have theirs apart, also where one host
    /// has them all.
    #[cfg(feature = "command")]
    #[tokio::test]
    async fn no_account_resumes_the_tls_session_of_another() {
        use freshdesk_simulator::{Settings, Simulator, Transport};

        let settings = Settings { transport: Transport::TlsOne, ..Settings::default() };
        let simulator = Simulator::start(settings).await.unwrap();
        let development = Development {
            resolve: [("acme.freshdesk.com".to_owned(), simulator.addr())].into(),
            trust_roots: simulator.authority_pem().map(str::to_owned).into_iter().collect(),
        };
        let connecting = Connecting::new(&development).unwrap();
        let (one, other) = (connecting.connector(), connecting.connector());
        assert_eq!(shaken(&one).await, HandshakeKind::Full);
        assert_eq!(shaken(&one).await, HandshakeKind::Resumed, "there is a session to resume");
        assert_eq!(shaken(&other).await, HandshakeKind::Full);
    }

    #[test]
    fn a_trust_root_is_a_certificate() {
        for pem in ["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            let development = Development { trust_roots: vec![pem.to_owned()], ..Development::default() };
            assert!(matches!(Connecting::new(&development), Err(EgressError::TrustRoot(_))), "{pem}");
        }
    }
}
