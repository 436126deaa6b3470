//! What must hold of what the plugin reads of Freshdesk's answers beside their objects, whatever they are: functions of bytes
//! that panic where a property does not hold. The fuzzers in `fuzz/` call them, and the tests here do with every input that
//! these kept in `fuzz/corpus/`.

use serde_json::Value;

use crate::answer::next_page;
use crate::bindings::freshdesk::tools::types::{Error, Problem};
use crate::refusal::{self, Refused};

/// Checks the `link` header that these bytes are, and the one that they decide.
pub fn link(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let next = next_page(&text);
    if let Some(page) = next {
        // Nothing else is taken but a number that is written there, of a link that has a query and says next.
        assert!(text.contains('<') && text.contains("rel") && text.contains("next"), "{page} of {text:?}");
        assert!(
            text.split(|c: char| !c.is_ascii_digit() && c != '%').any(|word| digits(word) == Some(page)),
            "{page} of {text:?}"
        );
    }
    // A link that does not say next, in front of the others, says nothing.
    if text.starts_with('<') {
        let previous = format!("<https://acme.freshdesk.com/api/v2/tickets?page=9>; rel=\"prev\", {text}");
        assert_eq!(next_page(&previous), next, "{text:?}");
    }
    // The first that says next counts, whatever stands around it.
    let mut bytes = data.iter().copied();
    let mut draw = || bytes.next().unwrap_or_default();
    let (mut header, mut expected) = (String::new(), None);
    for _ in 0..draw() % 4 {
        let (page, says_next) = (u32::from_le_bytes([draw(), draw(), draw() % 2, 0]), draw() % 2 == 1);
        let host = ["acme.freshdesk.com", "evil.example", "[::1]:1", ""][usize::from(draw() % 4)];
        let before =
            ["", "per_page=100&", "x=page=7&", "page_size=3&", "PAGE=4&", "include=a,b;c&"][usize::from(draw() % 6)];
        let after = ["", "&per_page=3", "&page=99", "#page=5"][usize::from(draw() % 4)];
        let rel = match (says_next, draw() % 4) {
            (true, 0) => "rel=next",
            (true, 1) => "rel=\"prev next\"",
            (true, 2) => "title=\"a\"; rel = \"next\"",
            (true, _) => "rel=\"next\"",
            (false, 0) => "rel=\"prev\"",
            (false, 1) => "rel=\"nextly\"",
            (false, 2) => "title=next; rel=first",
            (false, _) => "",
        };
        let after = if says_next && after.starts_with('#') { "" } else { after };
        header += &format!("<https://{host}/api/v2/tickets?{before}page={page}{after}>; {rel}, ");
        expected = expected.or(says_next.then_some(page));
    }
    assert_eq!(next_page(&header), expected, "{header}");
}

/// The number that digits tell, some of which may be escaped.
fn digits(word: &str) -> Option<u32> {
    let pair = format!("page={word}");
    let (_, value) = form_urlencoded::parse(pair.as_bytes()).next()?;
    value.parse().ok()
}

/// Checks the refusal that these bytes decide: a status, what it was an answer to, its `retry-after`, and its body.
pub fn refusal(data: &[u8]) {
    let Some(([high, low, kind], rest)) = data.split_first_chunk() else { return };
    // Mostly a status that there is.
    const USUAL: [u16; 16] = [400, 401, 403, 404, 405, 408, 409, 413, 414, 415, 429, 431, 500, 502, 503, 599];
    let code = match high % 4 {
        3 => u16::from_be_bytes([*high, *low]),
        _ => USUAL[usize::from(low % 16)],
    };
    let (write, waits) = (kind % 2 == 1, kind & 2 != 0);
    let (header, body) = rest.split_at(if waits { rest.len().min(usize::from(kind >> 4)) } else { 0 });
    let header = waits.then(|| String::from_utf8_lossy(header));
    let read = |body| {
        let request_id = Some("ab-12".to_owned());
        refusal::read(&Refused { code, write, request_id, retry_after: header.as_deref(), body })
    };
    let (error, bare) = (read(body), read(b""));
    // The status decides, and not the body: Freshdesk's texts are anybody's.
    assert_eq!(std::mem::discriminant(&error), std::mem::discriminant(&bare), "{error:?} {bare:?}");
    let fits = match code {
        401 => matches!(error, Error::Revoked),
        404 => matches!(error, Error::NotFound),
        429 => matches!(error, Error::RateLimited(_)),
        403 => matches!(error, Error::RateLimited(_)) == waits && matches!(error, Error::Forbidden(_)) != waits,
        // Of a write that a server broke nobody knows.
        408 | 500.. => matches!((&error, write), (Error::OutcomeUnknown, true) | (Error::Unavailable, false)),
        _ => !matches!(error, Error::Revoked | Error::OutcomeUnknown | Error::Unavailable),
    };
    assert!(fits, "{code} is {error:?}");
    as_the_body_says(&error, body, header.as_deref());
}

/// What the error carries is what a plain reading of the body finds, in whatever form the body is.
fn as_the_body_says(error: &Error, body: &[u8], header: Option<&str>) {
    // One reader may take what the other does not, such as numbers that are too great for it: then there is nothing to compare.
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let is_read = !said.is_null();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let objects = said["errors"].as_array().filter(|all| all.iter().all(Value::is_object));
    let expected: Vec<_> = objects
        .into_iter()
        .flatten()
        .map(|of| (text(&of["field"]).unwrap_or_default(), text(&of["message"]).unwrap_or_default(), text(&of["code"])))
        .collect();
    let told = |problems: &[Problem]| -> Vec<_> {
        let each =
            problems.iter().map(|problem| (problem.field.clone(), problem.message.clone(), problem.code.clone()));
        each.collect()
    };
    match error {
        Error::InvalidInput(_) | Error::Conflict(_) => {
            let (problems, user_id) = match error {
                Error::InvalidInput(input) => (&input.problems, None),
                Error::Conflict(conflict) => (&conflict.problems, Some(conflict.user_id)),
                _ => unreachable!(),
            };
            assert!(!problems.is_empty(), "an error that says nothing");
            if !is_read || is_of_its_own_words(problems) {
                return;
            }
            match expected.is_empty() {
                true => {
                    let message = text(&said["message"]).unwrap_or_else(|| problems[0].message.clone());
                    assert_eq!(told(problems), [(String::new(), message, text(&said["code"]))]);
                }
                false => assert_eq!(told(problems), expected),
            }
            if let Some(user_id) = user_id {
                let ids = objects.into_iter().flatten().filter_map(|of| of["additional_info"]["user_id"].as_u64());
                assert_eq!(user_id, ids.into_iter().next());
            }
        }
        Error::Forbidden(refusal) if is_read => assert_eq!(refusal.code, text(&said["code"])),
        Error::RateLimited(limit) => {
            let seconds = header.map(str::trim).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            if let Some(seconds) = seconds {
                assert_eq!(limit.retry_after, seconds.parse().ok());
            }
        }
        Error::Unexpected(surprise) => {
            assert_eq!(surprise.request_id.as_deref(), Some("ab-12"));
            assert!(!surprise.detail.is_empty() || said["code"] == "");
        }
        _ => {}
    }
}

/// Whether these are what the plugin itself says of a request that is too long, whatever the body.
fn is_of_its_own_words(problems: &[Problem]) -> bool {
    problems.len() == 1 && problems[0].message.starts_with("the request is too long")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// Checks every input of a target's corpus. There are some, or this would prove nothing.
    fn replay(target: &str, check: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
        let inputs: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        for input in &inputs {
            // Names the input that does not hold, as the test's output is shown when it fails.
            println!("{}", input.display());
            check(&fs::read(input).unwrap());
        }
        assert!(inputs.len() >= 10, "{} inputs of {target}", inputs.len());
    }

    #[test]
    fn what_the_fuzzers_kept_for_links_holds() {
        replay("link", super::link);
    }

    #[test]
    fn what_the_fuzzers_kept_for_refusals_holds() {
        replay("refusal", super::refusal);
    }
}
