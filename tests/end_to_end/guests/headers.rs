//! Headers that are not a plugin's to send.

use freshdesk_tests::{World, run};

use super::{DENIED, Tool, attack};

#[test]
fn the_hosts_own_headers_cannot_be_set_in_any_case() {
    run(async {
        let world = World::hostile().await;
        for header in [
            "authorization=Basic eA==",
            "Authorization=Bearer x",
            "AUTHORIZATION=",
            "aUTHORIZATIOn=Basic eA==",
            "Proxy-Authorization=Basic eA==",
            "Proxy-Authenticate=Basic",
            "Proxy-Connection=keep-alive",
            "Cookie=_helpkit_session=x",
            "COOKIE=x",
            "Host=evil.tld",
            "hOST=evil.tld",
            "Transfer-Encoding=chunked",
            "transfer-encoding=identity, chunked",
            "Connection=authorization",
            "Keep-Alive=timeout=1000",
            "Upgrade=h2c",
            "HTTP2-Settings=AAMAAABkAAQAAP__",
        ] {
            for how in ["header", "header-later"] {
                attack(&world, Tool::Lists, &format!("{how} {header}")).await.is_stopped("HeaderError::Forbidden");
            }
        }
    });
}

#[test]
fn headers_that_are_not_allowed_do_not_leave() {
    run(async {
        let world = World::hostile().await;
        for header in [
            "X-Forwarded-Host=evil.tld",
            "X-Forwarded-For=127.0.0.1",
            "X-Forwarded-Proto=http",
            "X-Original-URL=/api/v2/agents",
            "X-Rewrite-URL=/api/v2/agents",
            "Forwarded=for=127.0.0.1;host=evil.tld",
            "X-HTTP-Method-Override=DELETE",
            "X-HTTP-Method=DELETE",
            "X-Method-Override=DELETE",
            "Accept-Encoding=gzip",
            "Content-Encoding=gzip",
            "Content-Location=/api/v2/agents",
            "Expect=100-continue",
            "TE=trailers",
            "Trailer=authorization",
            "Range=bytes=0-",
            "Cookie2=x",
            "X-Api-Key=x",
            "X-Authorization=Basic eA==",
            "Referer=https://evil.tld",
            "Origin=https://evil.tld",
        ] {
            attack(&world, Tool::Lists, &format!("header {header}")).await.is_stopped(DENIED);
            attack(&world, Tool::Creates, &format!("header {header}")).await.is_stopped(DENIED);
        }
    });
}

#[test]
fn no_header_hides_another() {
    run(async {
        let world = World::hostile().await;
        for header in [
            "accept=a\r\nauthorization: Basic eA==",
            "accept=a\r\n authorization: Basic eA==",
            "accept=a\nauthorization: Basic eA==",
            "accept=a\rauthorization: Basic eA==",
            "accept=a\r\n\r\nGET /api/v2/agents HTTP/1.1",
            "accept=a\0",
            "accept\r\nauthorization=x",
            "accept: x\r\nauthorization=x",
            "accept =x",
            " accept=x",
            "authorization =x",
            "authorization:=x",
            ":authority=evil.tld",
            ":path=/api/v2/agents",
            "=x",
            "äccept=x",
        ] {
            attack(&world, Tool::Lists, &format!("header {header}")).await.is_stopped("HeaderError::InvalidSyntax");
        }
    });
}

#[test]
fn headers_without_end_do_not_leave() {
    run(async {
        let world = World::hostile().await;
        attack(&world, Tool::Lists, "long-header 9000").await.is_stopped(DENIED);
        attack(&world, Tool::Lists, "long-header 1000000").await.breaks();
    });
}

#[test]
fn a_length_that_is_none_cannot_be_said() {
    run(async {
        let world = World::hostile().await;
        for length in ["", "+5", "-1", "5, 5", "0x5", "5 ", "99999999999999999999999"] {
            attack(&world, Tool::Creates, &format!("content-length {length}"))
                .await
                .is_stopped("HeaderError::InvalidSyntax");
        }
        let attacked = attack(&world, Tool::Lists, "header content-length=5").await;
        attacked.is_stopped("ErrorCode::HttpRequestBodySize(Some(0))");
    });
}

#[test]
fn a_length_that_lies_stops_the_request() {
    run(async {
        let world = World::hostile().await;
        for length in ["0", "5", "1000", "18446744073709551615"] {
            let attacked = attack(&world, Tool::Creates, &format!("content-length {length}")).await;
            attacked.is_stopped("ErrorCode::HttpRequestBodySize(None)");
        }
    });
}

#[test]
fn a_trailer_does_not_leave() {
    run(async {
        let world = World::hostile().await;
        for trailer in ["Authorization=Basic eA==", "host=evil.tld", "COOKIE=x"] {
            let attacked = attack(&world, Tool::Creates, &format!("trailer {trailer}")).await;
            attacked.is_stopped("HeaderError::Forbidden");
        }
        for trailer in ["x-http-method-override=DELETE", "user_id=7", "content-length=0"] {
            let attacked = attack(&world, Tool::Creates, &format!("trailer {trailer}")).await;
            let request = attacked.arrived();
            let (name, value) = trailer.split_once('=').unwrap();
            assert_ne!(request.header(name), Some(value), "{request:?}");
            assert_eq!((request.method.as_str(), request.status), ("POST", 201));
        }
    });
}
