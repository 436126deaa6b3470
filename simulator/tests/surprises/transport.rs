//! Connections, the journal, the clock and the end.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use freshdesk_simulator::{Clock, Fault, FaultAction, Settings, Simulator, State, Transport, seed};
use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use time::macros::datetime;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::desk::{Desk, Reply};

#[tokio::test]
async fn http_1_is_spoken_over_tls() {
    let desk = Desk::with(State::seeded(), Transport::Tls).await;
    assert!(desk.simulator.base_url().starts_with("https://127.0.0.1:"));
    let stream = shake_hands(&desk.simulator, "acme.freshdesk.com", &["http/1.1"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = desk.request("GET", "/agents/me").body(Full::<Bytes>::default()).unwrap();
    let reply = Reply::read(sender.send_request(request).await.unwrap()).await.unwrap();
    assert_eq!(reply.ok()["id"], seed::ADMIN_ID);
    assert_eq!(desk.simulator.state().journal[0].version, "HTTP/1.1");
}

#[tokio::test]
async fn http_2_carries_several_requests_over_one_handshake() {
    let desk = Desk::with(State::seeded(), Transport::Tls).await;
    let stream = shake_hands(&desk.simulator, "acme.freshdesk.com", &["h2", "http/1.1"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    for _ in 0..3 {
        let response = sender.send_request(over_http_2(&desk)).await.unwrap();
        assert_eq!(Reply::read(response).await.unwrap().status, 200);
    }
    let state = desk.simulator.state();
    assert_eq!((state.connections, state.handshakes, state.journal.len()), (1, 1, 3));
    assert_eq!((state.journal[2].version.as_str(), state.journal[2].host.as_str()), ("HTTP/2.0", "acme.freshdesk.com"));
}

#[tokio::test]
async fn a_fault_cuts_http_2_as_it_cuts_http_1() {
    let desk = Desk::with(State::seeded(), Transport::Tls).await;
    for action in [FaultAction::Reset, FaultAction::ResetAfter, FaultAction::Truncate(10)] {
        desk.simulator.state().faults.push(Fault::once(action.clone()));
        let stream = shake_hands(&desk.simulator, "acme.freshdesk.com", &["h2"]).await.unwrap();
        let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
        let (mut sender, connection) = handshake.await.unwrap();
        let connection = tokio::spawn(connection);
        let answered = match sender.send_request(over_http_2(&desk)).await {
            Ok(response) => Reply::read(response).await,
            Err(error) => Err(error),
        };
        assert!(answered.is_err(), "{action:?}");
        let ended = tokio::time::timeout(Duration::from_secs(5), connection).await;
        assert!(ended.is_ok(), "the connection itself ends: {action:?}");
    }
}

#[tokio::test]
async fn the_certificate_is_good_for_helpdesks_and_this_machine_only() {
    let desk = Desk::with(State::seeded(), Transport::Tls).await;
    for name in ["acme.freshdesk.com", "other.freshdesk.com", "localhost", "127.0.0.1"] {
        assert!(shake_hands(&desk.simulator, name, &["h2"]).await.is_ok(), "{name}");
    }
    for name in ["freshdesk.com", "a.b.freshdesk.com", "acme.example"] {
        assert!(shake_hands(&desk.simulator, name, &["h2"]).await.is_err(), "{name}");
    }
}

#[tokio::test]
async fn a_numeric_host_means_the_first_helpdesk() {
    let desk = Desk::open().await;
    for host in [desk.simulator.addr().to_string(), "localhost:8080".to_owned(), "[::1]:8080".to_owned()] {
        let mut request = desk.request("GET", "/agents/me").body(Full::default()).unwrap();
        request.headers_mut().insert("host", host.parse().unwrap());
        assert_eq!(desk.raw(request).await.status, 200, "{host}");
    }
}

#[tokio::test]
async fn an_address_that_others_can_reach_is_refused() {
    let settings = Settings { listen: "0.0.0.0:0".parse().unwrap(), ..Settings::default() };
    assert!(Simulator::start(settings).await.is_err());
}

#[tokio::test]
async fn the_journal_keeps_every_request_as_it_arrived() {
    let desk = Desk::open().await;
    desk.get("/tickets?email=olena%2Borders@bondar.example").await;
    desk.post("/tickets/42817/reply", json!({ "body": "Hi" })).await;
    let state = desk.simulator.state();
    let [read, write] = &state.journal[..] else { panic!("{:?}", state.journal) };
    assert_eq!((read.method.as_str(), read.path.as_str()), ("GET", "/api/v2/tickets"));
    assert_eq!((read.query.as_str(), read.status, read.connection), ("email=olena%2Borders@bondar.example", 200, 1));
    assert_eq!((write.json(), write.status, write.connection), (json!({ "body": "Hi" }), 201, 2));
    assert_eq!(write.header("content-type"), Some("application/json"));
    assert!(write.header("authorization").unwrap().starts_with("Basic "));
}

#[tokio::test]
async fn two_helpdesks_share_nothing() {
    let mut state = State::seeded();
    let mut other = state.helpdesk(seed::LABEL).clone();
    other.label = "other".to_owned();
    other.agents.get_mut(&seed::ADMIN_ID).unwrap().api_key = Some("FAKEkeyOfOther000004".to_owned());
    state.helpdesks.insert("other".to_owned(), other);
    let desk = Desk::with(state, Transport::Plain).await;
    let mut request = desk.request("GET", "/agents/me").body(Full::default()).unwrap();
    request.headers_mut().insert("host", "other.freshdesk.com".parse().unwrap());
    assert_eq!(desk.raw(request).await.status, 401, "a key of acme is none of other");
    assert_eq!(desk.helpdesk(|helpdesk| helpdesk.spend.used), 0);
}

#[test]
fn a_real_clock_that_is_set_goes_on_and_a_frozen_one_stands() {
    let moment = datetime!(2030-01-01 00:00:00 UTC);
    let mut clock = Clock::real();
    clock.set(moment);
    assert!(clock.now() >= moment && clock.now() < moment + Duration::from_secs(60));
    clock.advance(Duration::from_secs(3600));
    assert!(clock.now() >= moment + Duration::from_secs(3600));
    let mut clock = Clock::frozen(moment);
    clock.advance(Duration::from_secs(5));
    assert_eq!(clock.now(), datetime!(2030-01-01 00:00:05 UTC));
}

#[tokio::test]
async fn dropping_a_simulator_ends_its_connections() {
    let desk = Desk::open().await;
    let stream = TcpStream::connect(desk.simulator.addr()).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = desk.request("GET", "/agents/me").body(Full::<Bytes>::default()).unwrap();
    Reply::read(sender.send_request(request).await.unwrap()).await.unwrap();
    let addr = desk.simulator.addr();
    drop(desk);
    let _ = tokio::time::timeout(Duration::from_secs(5), connection).await.expect("the connection ends");
    assert!(TcpStream::connect(addr).await.is_err());
}

/// A request that names its helpdesk as HTTP/2 does.
fn over_http_2(desk: &Desk) -> http::Request<Full<Bytes>> {
    let mut request = desk.request("GET", "/agents/me").body(Full::default()).unwrap();
    request.headers_mut().remove("host");
    *request.uri_mut() = "https://acme.freshdesk.com/api/v2/agents/me".parse().unwrap();
    request
}

/// Connects as a client that trusts the simulator's authority and looks for this name.
pub(crate) async fn shake_hands(
    simulator: &Simulator,
    name: &str,
    protocols: &[&str],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_slice(simulator.authority_pem().unwrap().as_bytes()).unwrap();
    roots.add(authority).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(simulator.addr()).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name.to_owned()).unwrap(), stream).await
}
