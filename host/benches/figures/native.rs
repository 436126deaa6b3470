//! What the plugin and our host do, in Rust alone: a client that keeps its connection, and reads the answer into JSON.

use std::future::{Ready, ready};
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::{io, iter};

use anyhow::{Result, ensure};
use bytes::Bytes;
use freshdesk_simulator::seed;
use http::Request;
use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, USER_AGENT};
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tower_service::Service;

use crate::common::simulator::Introduction;

/// HTTP Basic with the administrator's key, see [`seed::ADMIN_KEY`].
pub(crate) const AUTHORIZATION_VALUE: &str = "Basic RkFLRWtleU9mSmFuZURvZTAwMDE6WA==";

/// The client.
pub(crate) struct Native {
    client: Client<HttpsConnector<HttpConnector<Loopback>>, Full<Bytes>>,
    url: String,
}

impl Native {
    /// A client that trusts the simulator beside the public roots, as our host does.
    pub(crate) fn new(simulator: &Introduction) -> Result<Self> {
        let mut http = HttpConnector::new_with_resolver(Loopback(simulator.addr));
        http.enforce_http(false);
        http.set_nodelay(true);
        let https = HttpsConnectorBuilder::new().with_tls_config(tls(simulator)?).https_only().enable_all_versions();
        let client = Client::builder(TokioExecutor::new()).build(https.wrap_connector(http));
        let url = format!("https://{}.freshdesk.com/api/v2/tickets/{}", seed::LABEL, seed::TICKET_ID);
        Ok(Self { client, url })
    }

    /// Gets the ticket.
    pub(crate) async fn call(&self) -> Result<Value> {
        let request = Request::get(&self.url)
            .header(USER_AGENT, concat!("freshdesk-plugin/", env!("CARGO_PKG_VERSION")))
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, AUTHORIZATION_VALUE)
            .header(ACCEPT_ENCODING, "identity")
            .body(Full::default())?;
        let answer = self.client.request(request).await?;
        ensure!(answer.status() == 200, "status {}", answer.status());
        let body = answer.into_body().collect().await?.to_bytes();
        Ok(serde_json::from_slice(&body)?)
    }
}

/// TLS 1.2 or 1.3, against the public roots and the simulator's.
pub(crate) fn tls(simulator: &Introduction) -> Result<ClientConfig> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    roots.add(CertificateDer::from_pem_slice(simulator.authority.as_bytes())?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}

/// Finds every host at the simulator's address.
#[derive(Clone)]
pub(crate) struct Loopback(SocketAddr);

impl Service<Name> for Loopback {
    type Response = iter::Once<SocketAddr>;
    type Error = io::Error;
    type Future = Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Name) -> Self::Future {
        ready(Ok(iter::once(self.0)))
    }
}
