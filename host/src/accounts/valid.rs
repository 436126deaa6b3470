//! What tenants may say: addresses, e-mails, texts and pictures. None of it is trusted further than it was checked
//! here.

use http::Uri;

use super::AccountsError;

/// Longest address, in characters.
const LONGEST_URL: usize = 500;

/// Longest e-mail: 254 bytes, by its standard.
const LONGEST_EMAIL: usize = 254;

/// Largest logo: it is part of the page, and shown 48 pixels high.
const LARGEST_LOGO: usize = 64 << 10;

/// How pictures begin: PNG, JPEG, and WebP, which has its name after its length.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";

fn refuse<T>(why: impl Into<String>) -> Result<T, AccountsError> {
    Err(AccountsError::refused(why))
}

/// A text for people, on one line, of at most so many characters.
pub(super) fn text(what: &str, text: &str, longest: usize) -> Result<String, AccountsError> {
    let text = text.trim();
    if !(1..=longest).contains(&text.chars().count()) || crate::error::harmless(text, longest) != text {
        return refuse(format!(
            "{what} has 1 to {longest} characters, without line breaks and other control characters"
        ));
    }
    Ok(text.to_owned())
}

/// An e-mail, as far as it can be told: one sign @ with something before and after it.
pub(super) fn email(text: &str) -> Result<String, AccountsError> {
    let text = text.trim();
    let clean = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    let parts: Vec<_> = text.split('@').collect();
    if text.len() > LONGEST_EMAIL || !clean || parts.len() != 2 || parts.iter().any(|part| part.is_empty()) {
        return refuse("this is no e-mail address");
    }
    Ok(text.to_owned())
}

/// Whether Freshdesk names the e-mail that is expected. Case does not matter but of letters beyond ASCII, which are
/// never taken for others that look like them.
pub(super) fn same_email(expected: &str, named: Option<&str>) -> bool {
    named.is_some_and(|named| named.trim().eq_ignore_ascii_case(expected.trim()))
}

/// A colour, `#rrggbb`.
pub(super) fn colour(text: &str) -> Result<String, AccountsError> {
    let digits = text.strip_prefix('#').unwrap_or_default();
    if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return refuse("a colour is written #rrggbb, such as #1a73e8");
    }
    Ok(text.to_ascii_lowercase())
}

/// A picture that every browser shows and none runs.
pub(super) fn logo(bytes: &[u8]) -> Result<Vec<u8>, AccountsError> {
    let webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    if bytes.len() > LARGEST_LOGO || !(bytes.starts_with(PNG) || bytes.starts_with(JPEG) || webp) {
        return refuse("a logo is a PNG, JPEG or WebP picture of at most 64 kB");
    }
    Ok(bytes.to_vec())
}

/// An address over TLS, or of this machine. It is kept as it was given, so that it can be compared exactly.
pub(super) fn url(what: &str, text: &str) -> Result<String, AccountsError> {
    if address(text).is_none() {
        return refuse(format!(
            "{what} is an https:// address without a user and without #, of at most {LONGEST_URL} characters; http:// \
             on this machine only, such as http://127.0.0.1:3000/"
        ));
    }
    Ok(text.to_owned())
}

/// An origin: scheme, host and port. Comes back without a slash at the end.
pub(super) fn origin(what: &str, text: &str) -> Result<String, AccountsError> {
    match address(text) {
        Some(uri) if uri.path() == "/" && uri.query().is_none() && !text.ends_with('?') => {
            Ok(text.strip_suffix('/').unwrap_or(text).to_owned())
        }
        _ => refuse(format!(
            "{what} is https:// and a host, such as https://connect.example.com, and nothing behind it; http:// on \
             this machine only"
        )),
    }
}

fn address(text: &str) -> Option<Uri> {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"#\"<>\\^`{|}".contains(&byte));
    if !plain || text.len() > LONGEST_URL {
        return None;
    }
    let uri: Uri = text.parse().ok()?;
    let authority = uri.authority()?;
    let named = !authority.host().is_empty() && !authority.as_str().contains('@') && !authority.as_str().ends_with(':');
    let safe = match uri.scheme_str()? {
        "https" => true,
        "http" => is_this_machine(authority.host()),
        _ => false,
    };
    (named && safe).then_some(uri)
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_over_tls_or_of_this_machine() {
        for good in [
            "https://app.example.com/done",
            "https://app.example.com:8443/a?b=c",
            "http://127.0.0.1:3000/done",
            "http://localhost/",
            "http://[::1]:3000/",
        ] {
            assert_eq!(url("it", good).unwrap(), good);
        }
        for bad in [
            "",
            "/done",
            "//app.example.com/",
            "app.example.com",
            "http://app.example.com/done",
            "http://127.0.0.1.example.com/",
            "http://localhost.example.com/",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://user@app.example.com/",
            "https://app.example.com/#x",
            "https://app.example.com/ x",
            "https://app.example.com\\@evil.tld/",
            "https:///x",
            "https://app.example.com:/",
            "https://ä.example.com/",
            "ftp://app.example.com/",
            "https://app.example.com/\r\nset-cookie:x",
            &format!("https://app.example.com/{}", "x".repeat(500)),
        ] {
            assert!(url("it", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_origin_has_nothing_behind_it() {
        assert_eq!(origin("it", "https://connect.example.com/").unwrap(), "https://connect.example.com");
        assert_eq!(origin("it", "http://127.0.0.1:8080").unwrap(), "http://127.0.0.1:8080");
        for bad in ["https://a.example/x", "https://a.example/?x", "https://a.example?", "http://a.example"] {
            assert!(origin("it", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_logo_is_a_picture_by_its_first_bytes() {
        for good in [&b"\x89PNG\r\n\x1a\nxx"[..], b"\xff\xd8\xff\xe0", b"RIFF\0\0\0\0WEBPVP8 "] {
            assert!(logo(good).is_ok());
        }
        for bad in [&b""[..], b"<svg onload=alert(1)>", b"GIF89a", b"RIFF\0\0\0\0WAVE", b"PNG"] {
            assert!(logo(bad).is_err(), "{bad:?}");
        }
        let large = [PNG, &vec![0; LARGEST_LOGO]].concat();
        assert!(logo(&large).is_err());
    }

    #[test]
    fn emails_are_compared_without_case_and_without_look_alikes() {
        assert!(same_email("Jane@Acme.example ", Some(" jane@acme.EXAMPLE")));
        assert!(!same_email("jane@acme.example", Some("jane@acme.example.evil.tld")));
        assert!(!same_email("jane@acme.example", Some("j\u{430}ne@acme.example")));
        assert!(!same_email("jane@acme.example", None));
        for bad in ["", "jane", "@acme", "jane@", "a@b@c", "jane doe@acme", "jane@acme\n.example"] {
            assert!(email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn colours_and_texts_are_what_they_say() {
        assert_eq!(colour("#1A73e8").unwrap(), "#1a73e8");
        for bad in ["1a73e8", "#1a73e", "#1a73e8;", "red", "#gggggg"] {
            assert!(colour(bad).is_err(), "{bad}");
        }
        assert_eq!(text("a name", " Acme App ", 100).unwrap(), "Acme App");
        assert!(text("a name", "Acme\nApp", 100).is_err() && text("a name", " ", 100).is_err());
        assert!(text("a name", "abc\u{202e}cba", 100).is_err());
    }
}
