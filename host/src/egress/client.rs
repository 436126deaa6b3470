//! Connections: hyper's pool over rustls, HTTP/1.1 or HTTP/2 as the server prefers. Redirects are answers like others.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use std::vec;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::client::legacy::{self, Builder};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;

use super::Refused;

/// Time to connect to one address. A TCP handshake around the world takes 0.3 s.
const CONNECT: Duration = Duration::from_secs(10);

/// Time a connection may lie idle before it is closed; servers close theirs after about a minute.
const IDLE: Duration = Duration::from_secs(50);

/// Settings for trials: they make the host reach a simulator by the same code that reaches Freshdesk.
#[derive(Clone, Debug, Default)]
pub struct Development {
    /// Hosts that are looked up here instead of in DNS: `acme.freshdesk.com` → `127.0.0.1:8443`.
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

/// A client that keeps its connections.
pub(super) struct Client(legacy::Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>);

impl Client {
    pub(super) fn new(development: &Development) -> Result<Self, EgressError> {
        let mut http = HttpConnector::new_with_resolver(Resolver(Arc::new(development.resolve.clone())));
        http.enforce_http(false);
        http.set_connect_timeout(Some(CONNECT));
        http.set_nodelay(true);
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls(&development.trust_roots)?)
            .https_only()
            .enable_all_versions()
            .wrap_connector(http);
        let mut pool = Builder::new(TokioExecutor::new());
        // Whether a request may be sent again is not the pool's to decide.
        pool.retry_canceled_requests(false).pool_idle_timeout(IDLE).pool_timer(TokioTimer::new());
        Ok(Self(pool.build(https)))
    }

    /// Sends one request, once.
    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Refused> {
        self.0.request(request).await.map_err(|why| {
            let story = story(&why);
            if why.is_connect() || unsent(&why) { Refused::Unreachable(story) } else { Refused::NoAnswer(story) }
        })
    }
}

/// Whether the connection turned out to be closed before any of the request was written.
fn unsent(error: &legacy::Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<hyper::Error>());
    cause.is_some_and(hyper::Error::is_canceled)
}

/// An error with the chain of its causes.
fn story(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |story, cause| format!("{story}: {cause}"))
}

/// TLS 1.2 or 1.3, against the public roots and `extra` ones.
fn tls(extra: &[String]) -> Result<ClientConfig, EgressError> {
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

/// Looks hosts up in a table first, then in DNS.
#[derive(Clone)]
struct Resolver(Arc<HashMap<String, SocketAddr>>);

impl tower_service::Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let named = self.0.get(name.as_str()).copied();
        Box::pin(async move {
            match named {
                Some(address) => Ok(vec![address].into_iter()),
                // Port 0 stands for the scheme's own.
                None => {
                    let addresses = tokio::net::lookup_host((name.as_str(), 0)).await?;
                    Ok(addresses.collect::<Vec<_>>().into_iter())
                }
            }
        })
    }
}
