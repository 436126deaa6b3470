//! Other places than the account's helpdesk.

use freshdesk_tests::{World, run};

use super::{DENIED, Tool, attack};

/// Authorities that can be said.
const ELSEWHERE: [&str; 30] = [
    "user@acme.freshdesk.com",
    "user:password@acme.freshdesk.com",
    ":@acme.freshdesk.com",
    "acme.freshdesk.com@evil.tld",
    "acme.freshdesk.com:443@evil.tld",
    "acme.freshdesk.com.",
    "acme.freshdesk.com:",
    "acme.freshdesk.com:443",
    "acme.freshdesk.com:0443",
    "acme.freshdesk.com:8443",
    "ACME.FRESHDESK.COM",
    "acme.Freshdesk.com",
    "acme.freshdesk.com.evil.tld",
    "evil-acme.freshdesk.com",
    "globex.freshdesk.com",
    "www.acme.freshdesk.com",
    "freshdesk.com",
    "support.acme.example",
    "xn--cme-7cd.freshdesk.com",
    "evil.tld",
    "localhost",
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "169.254.169.254",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[fd00:ec2::254]",
];

/// Authorities that no request can have.
const UNSPEAKABLE: [&str; 15] = [
    "",
    "acme%2efreshdesk.com",
    "acme.freshdesk.com%2eevil.tld",
    "acme.freshdesk.com%40evil.tld",
    "аcme.freshdesk.com",
    "acme。freshdesk。com",
    "acme.freshdesk.com/",
    "acme.freshdesk.com/@evil.tld",
    "acme.freshdesk.com\\@evil.tld",
    "acme.freshdesk.com#@evil.tld",
    "acme.freshdesk.com?@evil.tld",
    "acme.freshdesk.com\0.evil.tld",
    "acme.freshdesk.com evil.tld",
    "acme.freshdesk.com\r\nhost: evil.tld",
    "[::1",
];

#[test]
fn no_spelling_of_an_authority_leads_elsewhere() {
    run(async {
        let world = World::hostile().await;
        let simulator = world.simulator.addr();
        let reachable = [simulator.to_string(), format!("localhost:{}", simulator.port())];
        for authority in ELSEWHERE.into_iter().chain(reachable.iter().map(String::as_str)) {
            for tool in [Tool::Lists, Tool::Creates] {
                attack(&world, tool, &format!("authority {authority}")).await.is_stopped(DENIED);
            }
        }
    });
}

#[test]
fn what_is_no_authority_cannot_be_said() {
    run(async {
        let world = World::hostile().await;
        for authority in UNSPEAKABLE {
            attack(&world, Tool::Lists, &format!("authority {authority}")).await.is_stopped("no such authority");
        }
    });
}

#[test]
fn a_request_without_an_authority_goes_nowhere() {
    run(async {
        let world = World::hostile().await;
        attack(&world, Tool::Lists, "no-authority").await.is_stopped("ErrorCode::HttpRequestUriInvalid");
    });
}

#[test]
fn no_scheme_but_https_leaves() {
    run(async {
        let world = World::hostile().await;
        attack(&world, Tool::Lists, "scheme http").await.is_stopped(DENIED);
        for scheme in ["HTTP", "HTTPS", "ftp", "file", "data", "ws", "unix", "https+unix"] {
            let attacked = attack(&world, Tool::Creates, &format!("scheme {scheme}")).await;
            attacked.is_stopped("ErrorCode::HttpProtocolError");
        }
        for scheme in ["https:", "https://evil.tld", "h t t p s", "\r\n"] {
            attack(&world, Tool::Lists, &format!("scheme {scheme}")).await.is_stopped("no such scheme");
        }
    });
}

#[test]
fn a_request_without_a_scheme_leaves_by_https() {
    run(async {
        let world = World::hostile().await;
        let attacked = attack(&world, Tool::Lists, "scheme").await;
        assert_eq!(
            (attacked.got().lines().next(), attacked.arrived().host.as_str()),
            (Some("200"), "acme.freshdesk.com")
        );
    });
}
