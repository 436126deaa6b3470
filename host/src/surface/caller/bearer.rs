//! The token in a request's headers.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::Unknown;

/// Longest token, in bytes. Issuers write a kilobyte or two.
const LONGEST: usize = 8 << 10;

/// The token that a request shows: the one in its one `Authorization: Bearer …` (RFC 6750).
pub(super) fn token(headers: &HeaderMap) -> Result<&str, Unknown> {
    let mut shown = headers.get_all(AUTHORIZATION).iter();
    let header = shown.next().ok_or(Unknown::Missing)?;
    if shown.next().is_some() {
        return Err(Unknown::Wrong);
    }
    let text = header.to_str().map_err(|_| Unknown::Wrong)?;
    let (scheme, token) = text.split_once(' ').ok_or(Unknown::Missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Unknown::Missing);
    }
    let token = token.trim_matches(' ');
    if !(1..=LONGEST).contains(&token.len()) || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Unknown::Wrong);
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn shown(values: &[&str]) -> Result<String, Unknown> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        token(&headers).map(str::to_owned)
    }

    #[test]
    fn a_token_follows_the_scheme_in_any_case() {
        for text in ["Bearer a.b-c_d~e+f/g=", "bearer a.b-c_d~e+f/g=", "BEARER  a.b-c_d~e+f/g= "] {
            assert_eq!(shown(&[text]).as_deref(), Ok("a.b-c_d~e+f/g="), "{text}");
        }
        assert_eq!(shown(&[&format!("Bearer {}", "x".repeat(LONGEST))]).map(|token| token.len()), Ok(LONGEST));
    }

    #[test]
    fn who_shows_no_bearer_token_shows_none() {
        for values in [&[][..], &["Basic YTpi"], &["fdp_x"], &["Bearerx y"], &[""]] {
            assert_eq!(shown(values), Err(Unknown::Missing), "{values:?}");
        }
    }

    #[test]
    fn more_than_one_header_and_what_cannot_be_a_token_are_wrong() {
        for values in [
            &["Bearer a", "Bearer a"][..],
            &["Basic YTpi", "Bearer a"],
            &["Bearer "],
            &["Bearer a b"],
            &["Bearer a\tb"],
            &["Bearer \u{e9}"],
            &[&format!("Bearer {}", "x".repeat(LONGEST + 1))],
        ] {
            assert_eq!(shown(values), Err(Unknown::Wrong), "{values:?}");
        }
    }
}
