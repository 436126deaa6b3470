//! A server that repeats the key, or answers what a guest has no business to see.

use freshdesk_simulator::seed;
use freshdesk_tests::{World, run};

use super::{Attacked, Tool, attack};

/// The key as HTTP Basic has it, and alone.
const BASIC: &str = "RkFLRWtleU9mSmFuZURvZTAwMDE6WA==";
const BASE64: &str = "RkFLRWtleU9mSmFuZURvZTAwMDE=";

/// The key in this spelling of each of its bytes.
fn spelled(byte: impl Fn(u8) -> String) -> String {
    seed::ADMIN_KEY.bytes().map(byte).collect()
}

/// What gives the key away.
fn spellings() -> Vec<String> {
    let raw = seed::ADMIN_KEY;
    vec![
        raw.to_owned(),
        format!("{raw}:X"),
        BASIC.to_owned(),
        BASE64.to_owned(),
        BASE64.trim_end_matches('=').to_owned(),
        spelled(|byte| format!("{byte:02x}")),
        spelled(|byte| format!("{byte:02X}")),
        spelled(|byte| format!("%{byte:02X}")),
        spelled(|byte| format!("%{byte:02x}")),
        spelled(|byte| format!("\\u{byte:04x}")),
        spelled(|byte| format!("\\u{byte:04X}")),
        raw.replacen('F', "%46", 1),
        raw.replacen('k', "\\u006b", 1),
        BASIC.replace('=', "%3D"),
    ]
}

/// Nothing of what the guest or the caller sees gives the key away, and it shows that something was there.
fn is_redacted(attacked: &Attacked) {
    let seen = match &attacked.result {
        Ok(text) => text.clone(),
        Err(error) => format!("{} {error} {}", attacked.met(), error.log()),
    };
    assert!(seen.contains("[redacted]"), "{seen}");
    let seen = seen.to_lowercase();
    for spelling in spellings() {
        assert!(!seen.contains(&spelling.to_lowercase()), "{spelling} in {seen}");
    }
}

#[test]
fn a_key_that_the_helpdesk_repeats_in_a_body_does_not_get_in() {
    run(async {
        let world = World::hostile().await;
        for spelling in spellings() {
            for body in [
                spelling.clone(),
                format!(r#"{{"message":"Authorization: Basic {spelling}"}}"#),
                format!(r#"["{spelling}","{spelling}"]"#),
                format!("{}{spelling}", " ".repeat(100_000)),
            ] {
                for (tool, status) in
                    [(Tool::Lists, 200), (Tool::Lists, 400), (Tool::Creates, 201), (Tool::Creates, 403)]
                {
                    world.answers(status, &[("content-type", "application/json")], &body);
                    is_redacted(&attack(&world, tool, "everything").await);
                }
            }
        }
    });
}

#[test]
fn a_key_that_the_helpdesk_repeats_in_a_header_does_not_get_in() {
    run(async {
        let world = World::hostile().await;
        for spelling in spellings() {
            let value = format!("Basic {spelling}");
            let link = format!("<https://acme.freshdesk.com/api/v2/tickets?key={spelling}>; rel=\"next\"");
            for status in [200, 302, 404] {
                let headers = [("x-request-authorization", value.as_str()), ("link", &link), ("location", &link)];
                world.answers(status, &headers, "{}");
                is_redacted(&attack(&world, Tool::Lists, "everything").await);
            }
        }
    });
}

#[test]
fn a_header_whose_name_is_the_key_does_not_get_in() {
    run(async {
        let world = World::hostile().await;
        let name = format!("x-{}", seed::ADMIN_KEY.to_lowercase());
        world.answers(200, &[(&name, "x")], "{}");
        let attacked = attack(&world, Tool::Lists, "everything").await;
        assert!(!attacked.got().contains(&seed::ADMIN_KEY.to_lowercase()), "{attacked:?}");
    });
}

#[test]
fn an_answer_that_is_encoded_does_not_get_in() {
    run(async {
        let world = World::hostile().await;
        for encoding in ["gzip", "GZIP", "br", "deflate", "zstd", "gzip, identity", "identity, gzip", "x"] {
            world.answers(200, &[("content-encoding", encoding)], "x");
            let attacked = attack(&world, Tool::Lists, "everything").await;
            attacked.arrived();
            assert_eq!(attacked.met(), "ErrorCode::HttpResponseContentCoding(None)", "{encoding}");
            world.answers(201, &[("content-encoding", encoding)], "x");
            let attacked = attack(&world, Tool::Creates, "everything").await;
            attacked.arrived();
            assert_eq!(attacked.case(), "outcome_unknown", "{encoding}");
        }
        world.answers(200, &[("content-encoding", "identity")], "x");
        assert!(attack(&world, Tool::Lists, "everything").await.got().ends_with("\nx"));
    });
}

#[test]
fn what_is_for_browsers_does_not_get_in() {
    run(async {
        let world = World::hostile().await;
        for status in [200, 400] {
            let headers = [
                ("set-cookie", "_helpkit_session=secret; HttpOnly"),
                ("Set-Cookie", "_x_w=secret"),
                ("www-authenticate", "Basic realm=\"secret\""),
                ("proxy-authenticate", "Basic realm=\"secret\""),
            ];
            world.answers(status, &headers, "{}");
            let attacked = attack(&world, Tool::Lists, "everything").await;
            let seen = attacked.result.as_ref().map_or_else(|_| attacked.met(), String::as_str);
            assert!(seen.starts_with(&format!("{status}\n")) && !seen.contains("secret"), "{seen}");
        }
    });
}
