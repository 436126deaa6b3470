//! Where events go, and where they never go.

use std::collections::HashMap;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

use super::receiver::FINE;
use super::*;

/// Longer than all tries take, however busy the machine is.
const A_WHILE: Duration = Duration::from_secs(3);

/// Delivers one event to this address; tells whether it was given up.
async fn given_up(world: &World, url: &str, development: &Development, local: bool) -> bool {
    world.tenant("acme", url).await;
    world.event("acme", "user-1").await;
    let (vault, dialer) = (Arc::clone(&world.vault), dialer(development));
    let pace = Pace { again: vec![Duration::from_millis(10)], ..fast() };
    let webhooks = Arc::new(Webhooks { store: world.store.clone(), vault, dialer, local, pace });
    let begun = tokio::time::Instant::now();
    let known = async {
        while begun.elapsed() < A_WHILE && world.trail("webhook.given_up").await.is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    webhooks.run(known).await;
    !world.trail("webhook.given_up").await.is_empty()
}

#[tokio::test]
async fn nothing_is_sent_to_an_inner_address() {
    let mut receiver = Receiver::answering(&[FINE]).await;
    let port = receiver.address.port();
    for url in [
        format!("https://127.0.0.1:{port}/"),
        format!("http://127.0.0.1:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("https://2130706433:{port}/"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "https://10.0.0.1/".to_owned(),
        "https://[fd00:ec2::254]/".to_owned(),
    ] {
        assert!(given_up(&World::new().await, &url, &Development::default(), false).await, "{url}");
    }
    assert_eq!(receiver.within(Duration::from_millis(100)).await.len(), 0);
}

#[tokio::test]
async fn this_machine_gets_events_where_trials_are_allowed() {
    let mut receiver = Receiver::answering(&[FINE]).await;
    let url = format!("http://localhost:{}/", receiver.address.port());
    assert!(!given_up(&World::new().await, &url, &Development::default(), true).await);
    assert_eq!(receiver.next().await.line, "POST / HTTP/1.1");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let mut elsewhere = Receiver::answering(&[FINE]).await;
    let location = format!("http://{}/", elsewhere.address);
    let answer = format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
    let mut receiver = Receiver::answering(&[answer.leak()]).await;
    assert!(given_up(&World::new().await, &local(receiver.address), &Development::default(), true).await);
    assert_eq!(receiver.within(Duration::from_millis(100)).await.len(), 2);
    assert_eq!(elsewhere.within(Duration::from_millis(100)).await.len(), 0);
}

#[tokio::test]
async fn a_receiver_over_tls_has_to_be_who_it_says() {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["hooks.example.com".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let server = server.with_no_client_auth().with_single_cert(vec![cert.der().clone()], key).unwrap();
    let mut receiver = Receiver::over_tls(&[FINE], TlsAcceptor::from(Arc::new(server))).await;
    let resolve = ["hooks.example.com", "other.example.com"].map(|host| (host.to_owned(), receiver.address));
    let resolve = HashMap::from(resolve);
    let stranger = Development { resolve: resolve.clone(), ..Development::default() };
    let trusted = Development { resolve, trust_roots: vec![cert.pem()] };
    let url = "https://hooks.example.com:8443/hooks";
    assert!(given_up(&World::new().await, url, &stranger, false).await);
    assert!(given_up(&World::new().await, "https://other.example.com/", &trusted, false).await);
    assert_eq!(receiver.within(Duration::from_millis(100)).await.len(), 0);
    assert!(!given_up(&World::new().await, url, &trusted, false).await);
    let arrived = receiver.next().await;
    assert_eq!((&*arrived.line, arrived.header("host")), ("POST /hooks HTTP/1.1", "hooks.example.com:8443"));
}
