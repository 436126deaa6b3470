//! What goes wrong below HTTP, and with bodies: byte by byte.

use std::io::Read;
use std::time::{Duration, Instant};

use flate2::read::{GzDecoder, ZlibDecoder};
use freshdesk_simulator::{Clock, Encoding, Fault, FaultAction, LineFault, State, Transport, seed};
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use time::macros::datetime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::desk::Desk;

/// How long nothing comes where nothing is to come any more.
const SILENCE: Duration = Duration::from_millis(500);

/// How long something may take that is to come.
const PATIENCE: Duration = Duration::from_secs(10);

/// What arrives of the answer to a request over a bare connection, until the connection ends as it is to, or nothing comes for
/// a while; and whether it ended.
async fn arrives(desk: &Desk, line: Option<LineFault>, ends: bool) -> (Vec<u8>, bool) {
    desk.simulator.state().faults.extend(line.map(|fault| Fault::once(FaultAction::Line(fault))));
    let mut stream = TcpStream::connect(desk.simulator.addr()).await.unwrap();
    let basic = desk.request("GET", "/x").body(()).unwrap().headers()["authorization"].to_str().unwrap().to_owned();
    let request = format!("GET /api/v2/roles HTTP/1.1\r\nhost: acme.freshdesk.com\r\nauthorization: {basic}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut all, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let wait = if ends || all.is_empty() { PATIENCE } else { SILENCE };
        match timeout(wait, stream.read(&mut piece)).await {
            Err(_) => return (all, false),
            Ok(Ok(0) | Err(_)) => return (all, true),
            Ok(Ok(read)) => all.extend_from_slice(&piece[..read]),
        }
    }
}

#[tokio::test]
async fn an_answer_is_cut_at_the_very_byte() {
    let desk = Desk::open().await;
    let (whole, ended) = arrives(&desk, None, false).await;
    assert!(!ended && whole.starts_with(b"HTTP/1.1 200 OK\r\n") && whole.ends_with(b"]"));
    for position in [0, 1, 9, 17, 200, whole.len() - 1] {
        let (part, ended) = arrives(&desk, Some(LineFault::Cut(position)), true).await;
        assert!(ended, "{position}");
        // The id of the request is in the head: as long, and another one.
        assert_eq!(part.len(), position);
    }
    let (part, ended) = arrives(&desk, Some(LineFault::Cut(whole.len())), false).await;
    assert_eq!((part.len(), ended), (whole.len(), false));
}

#[tokio::test]
async fn a_dead_connection_stays_open_and_answers_nothing_ever_again() {
    let desk = Desk::open().await;
    let (part, ended) = arrives(&desk, Some(LineFault::Hang(40)), false).await;
    assert_eq!((part.len(), ended), (40, false));
    // The next request on it does not even arrive.
    desk.simulator.state().faults.push(Fault::once(FaultAction::Line(LineFault::Hang(0))));
    let stream = TcpStream::connect(desk.simulator.addr()).await.unwrap();
    let io = hyper_util::rt::TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
    tokio::spawn(connection);
    let request = || desk.request("GET", "/roles").body(Full::<bytes::Bytes>::default()).unwrap();
    assert!(timeout(Duration::from_millis(100), sender.send_request(request())).await.is_err());
    assert_eq!(desk.simulator.state().journal.len(), 2);
    assert_eq!(desk.get("/roles").await.status, 200);
}

#[tokio::test]
async fn an_answer_drips_from_its_first_byte() {
    let desk = Desk::open().await;
    let begun = Instant::now();
    let drip = LineFault::Drip { chunk: 20, pause: Duration::from_millis(2) };
    desk.simulator.state().faults.push(Fault::once(FaultAction::Line(drip)));
    assert_eq!(desk.get("/agents/me").await.ok()["id"], seed::ADMIN_ID);
    assert!(begun.elapsed() >= Duration::from_millis(60), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_handshake_is_slow_or_cut_or_never_comes() {
    let desk = Desk::with(State::seeded(), Transport::Tls).await;
    for (fault, handshakes) in [
        (LineFault::Hang(0), 0),
        (LineFault::Hang(200), 0),
        (LineFault::Cut(0), 0),
        (LineFault::Cut(200), 0),
        (LineFault::Drip { chunk: 100, pause: Duration::from_millis(1) }, 1),
    ] {
        desk.simulator.state().lines.push(fault);
        let shaking = crate::transport::shake_hands(&desk.simulator, "acme.freshdesk.com", &["h2"]);
        let wait = if matches!(fault, LineFault::Hang(_)) { SILENCE } else { PATIENCE };
        let shaken = timeout(wait, shaking).await;
        assert_eq!(u64::from(matches!(shaken, Ok(Ok(_)))), handshakes, "{fault:?}");
        assert_eq!(matches!(shaken, Ok(Err(_))), matches!(fault, LineFault::Cut(_)), "{fault:?}");
        assert!(desk.simulator.state().lines.is_empty());
    }
}

#[tokio::test]
async fn a_body_without_end_goes_on_for_as_long_as_it_is_read() {
    let desk = Desk::open().await;
    desk.simulator.state().faults.push(Fault::once(FaultAction::Endless));
    let request = desk.request("GET", "/roles").body(Full::default()).unwrap();
    let mut response = desk.begin(request).await.unwrap();
    assert_eq!(response.headers().get("content-length"), None);
    let mut read = 0;
    while read < 10 << 20 {
        read += response.body_mut().frame().await.unwrap().unwrap().into_data().unwrap().len();
    }
}

#[tokio::test]
async fn a_compressed_body_is_the_same_answer() {
    let desk = Desk::open().await;
    let plain = desk.get("/roles").await.ok();
    for (encoding, name) in [(Encoding::Gzip, "gzip"), (Encoding::Deflate, "deflate")] {
        for told in [true, false] {
            desk.simulator.state().faults.push(Fault::once(FaultAction::Compress { encoding, told }));
            let reply = desk.get("/roles").await;
            assert_eq!(reply.header("content-encoding"), told.then_some(name));
            let mut text = String::new();
            match encoding {
                Encoding::Gzip => GzDecoder::new(&reply.body[..]).read_to_string(&mut text).unwrap(),
                Encoding::Deflate => ZlibDecoder::new(&reply.body[..]).read_to_string(&mut text).unwrap(),
            };
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), plain);
        }
    }
}

#[tokio::test]
async fn an_answer_is_of_another_type_somewhere_though_the_request_ran() {
    let desk = Desk::open().await;
    desk.simulator.state().faults.push(Fault::once(FaultAction::Warp(5)));
    let request = desk.request("POST", "/tickets/42817/reply").header("content-type", "application/json");
    let reply = desk.raw(request.body(Full::from("{\"body\":\"Hi\"}")).unwrap()).await;
    let made = desk.helpdesk(|helpdesk| helpdesk.conversations.len());
    assert_eq!((reply.status, made), (201, 5));
    let plain = desk.post("/tickets/42817/reply", serde_json::json!({"body": "Hi"})).await;
    assert_ne!(String::from_utf8_lossy(&reply.body).len(), String::from_utf8_lossy(&plain.body).len());
}

#[tokio::test]
async fn an_answer_is_replaced_after_the_request_ran_or_instead_of_it() {
    let desk = Desk::open().await;
    for (ran, made) in [(true, 5), (false, 5)] {
        desk.simulator.state().faults.push(Fault::once(FaultAction::page(502, ran)));
        let request = desk.request("POST", "/tickets/42817/reply").header("content-type", "application/json");
        let reply = desk.raw(request.body(Full::from("{\"body\":\"Hi\"}")).unwrap()).await;
        assert_eq!((reply.status, reply.header("content-type")), (502, Some("text/html; charset=utf-8")));
        assert_eq!(desk.helpdesk(|helpdesk| helpdesk.conversations.len()), made, "ran: {ran}");
        let last = desk.simulator.state().journal.last().unwrap().clone();
        assert_eq!((last.status, last.credits), (502, u32::from(ran)));
    }
}

#[tokio::test]
async fn an_echo_repeats_the_authorization_and_runs_nothing() {
    let desk = Desk::open().await;
    desk.simulator.state().faults.push(Fault::once(FaultAction::Echo(400)));
    let reply = desk.get("/roles").await;
    assert_eq!((reply.status, reply.header("x-echo-user")), (400, Some("FAKEkeyOfJaneDoe0001:X")));
    assert_eq!(reply.json()["request"]["user"], "FAKEkeyOfJaneDoe0001:X");
    assert!(reply.header("x-echo-authorization").unwrap().starts_with("Basic "));
    assert_eq!(desk.helpdesk(|helpdesk| helpdesk.spend.used), 0);
}

/// The clock is what `date` and the windows of the limits go by.
#[tokio::test]
async fn a_jump_of_the_clock_is_seen_in_the_answer() {
    let state = State::seeded_at(Clock::frozen(datetime!(2026-11-20 10:00:48 UTC)));
    let desk = Desk::with(state, Transport::Plain).await;
    assert_eq!(desk.get("/roles").await.header("date"), Some("Fri, 20 Nov 2026 10:00:48 GMT"));
    for (seconds, date) in [(3600, "Fri, 20 Nov 2026 11:00:48 GMT"), (-7200, "Fri, 20 Nov 2026 09:00:48 GMT")] {
        desk.simulator.state().faults.push(Fault::once(FaultAction::Jump(seconds)));
        let reply = desk.get("/roles").await;
        assert_eq!((reply.header("date"), reply.header("x-ratelimit-remaining")), (Some(date), Some("699.0")));
    }
}

#[tokio::test]
async fn a_throttle_says_when_to_come_back_or_not() {
    let desk = Desk::open().await;
    for word in [Some(3), None] {
        desk.simulator.state().faults.push(Fault::once(FaultAction::throttle(word)));
        let reply = desk.get("/roles").await;
        assert_eq!((reply.status, reply.header("retry-after")), (429, word.map(|_| "3")));
    }
}
