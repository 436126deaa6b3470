//! The policy of an answer.

use http::HeaderMap;
use http::header::CONTENT_SECURITY_POLICY;

use crate::surface::headers;

fn policy(url: &str) -> Option<String> {
    let mut map = HeaderMap::new();
    headers::lead_to(&mut map, url);
    map.get(CONTENT_SECURITY_POLICY).map(|value| value.to_str().unwrap().to_owned())
}

#[test]
fn a_form_may_end_at_the_tenant_and_nowhere_else() {
    let policy = policy("https://app.example:8443/back?x=y").unwrap();
    assert_eq!(
        policy,
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' https://app.example:8443; \
         frame-ancestors 'none'; base-uri 'none'"
    );
}

#[test]
fn nothing_but_an_origin_gets_into_the_policy() {
    for url in [
        "",
        "/back",
        "javascript:alert(1)",
        "ftp://app.example/",
        "https://user:pass@app.example/",
        "https://app.example;script-src/",
        "https://*/",
        "https://[::1]/",
    ] {
        assert_eq!(policy(url), None, "{url}");
    }
}
