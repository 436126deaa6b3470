//! Sends what was traced to the collector that the operator named, and to nobody else: no redirect is followed.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use opentelemetry_http::{HttpClient, HttpError};
use tokio::runtime::Handle;
use tokio::time::timeout;
use tracing::{info, warn};

use crate::egress;

/// Time to connect.
const CONNECT: Duration = Duration::from_secs(5);

/// Time after which a connection that is not used is closed: longer than between two batches.
const IDLE: Duration = Duration::from_secs(30);

/// Longest answer, in bytes. It says which spans were refused.
const LONGEST_ANSWER: usize = 64 << 10;

/// The way to it.
type Way = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// The collector. Batches are made on a thread of their own; what sends them runs in the program's runtime.
#[derive(Debug)]
pub(super) struct Collector {
    client: Way,
    runtime: Handle,
    patience: Duration,
    failing: Arc<AtomicBool>,
}

impl Collector {
    /// Trusts the authorities of this file beside the public ones. Has to be called in a runtime.
    pub(super) fn new(authorities: Option<String>, patience: Duration) -> Result<Self, ()> {
        let tls = egress::tls(authorities.as_slice()).map_err(|_| ())?;
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_connect_timeout(Some(CONNECT));
        let https =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(http);
        let mut client = Client::builder(TokioExecutor::new());
        client.pool_idle_timeout(IDLE).pool_max_idle_per_host(1).pool_timer(TokioTimer::new());
        let client = client.build(https);
        Ok(Self { client, runtime: Handle::current(), patience, failing: Arc::default() })
    }

    /// Sends a batch in the runtime, and waits for the answer wherever this is polled.
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (client, patience, failing) = (self.client.clone(), self.patience, Arc::clone(&self.failing));
        let sending = async move {
            let outcome = timeout(patience, exchange(&client, request)).await;
            let outcome = outcome.unwrap_or_else(|_| Err("no answer in time".into()));
            note(&outcome, &failing);
            outcome
        };
        self.runtime.spawn(sending).await?
    }
}

async fn exchange(client: &Way, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let (head, body) = client.request(request.map(Full::new)).await?.into_parts();
    let body = Limited::new(body, LONGEST_ANSWER).collect().await?.to_bytes();
    Ok(Response::from_parts(head, body))
}

/// Logs when the collector stops to take what it is sent, and when it takes it again.
fn note(outcome: &Result<Response<Bytes>, HttpError>, failing: &AtomicBool) {
    let why = match outcome {
        Ok(answer) if answer.status().is_success() => None,
        Ok(answer) => Some(format!("it answered {}", answer.status())),
        Err(why) => Some(egress::story(&**why)),
    };
    match (&why, failing.swap(why.is_some(), Ordering::Relaxed)) {
        (Some(why), false) => warn!(why, "the collector does not take traces"),
        (None, true) => info!("the collector takes traces again"),
        _ => {}
    }
}

impl HttpClient for Collector {
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(self.send(request))
    }
}
