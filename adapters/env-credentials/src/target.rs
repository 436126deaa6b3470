//! Which address requests go to: never one that the variables did not plainly name.

/// Freshdesk's own domain; a helpdesk's other names do not serve the API (`docs/freshdesk.md` §1).
const FRESHDESK: &str = ".freshdesk.com";

/// The base URL for the helpdesk `domain`, or `simulator` where one is given.
pub(crate) fn base_url(domain: &str, simulator: &str) -> Result<String, &'static str> {
    if !simulator.is_empty() {
        return loopback(simulator.trim_end_matches('/'));
    }
    if domain.is_empty() {
        return Err("set FRESHDESK_DOMAIN to your helpdesk, such as acme.freshdesk.com");
    }
    let label = domain.strip_prefix("https://").unwrap_or(domain).trim_end_matches('/');
    let label = label.to_ascii_lowercase();
    let label = label.strip_suffix(FRESHDESK).unwrap_or(&label);
    if is_label(label) {
        Ok(format!("https://{label}{FRESHDESK}"))
    } else {
        Err("FRESHDESK_DOMAIN must be a helpdesk such as acme or acme.freshdesk.com")
    }
}

/// Whether `text` is one label of a domain name: letters, digits and inner hyphens, 63 at most.
fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.starts_with("xn--")
}

/// A simulator's address: this machine only, so that no key is sent elsewhere in the clear.
fn loopback(url: &str) -> Result<String, &'static str> {
    let refused = "FRESHDESK_BASE_URL must be http://127.0.0.1:PORT or http://localhost:PORT";
    let authority = url.strip_prefix("http://").ok_or(refused)?;
    let (host, port) = authority.split_once(':').ok_or(refused)?;
    let port_is_number = port.parse::<u16>().is_ok_and(|number| number.to_string() == port);
    if ["127.0.0.1", "localhost"].contains(&host) && port_is_number { Ok(url.to_owned()) } else { Err(refused) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_helpdesk_is_named_by_label_domain_or_address() {
        for domain in ["acme", "ACME", "acme.freshdesk.com", "https://acme.freshdesk.com/", "Acme.Freshdesk.com"] {
            assert_eq!(base_url(domain, "").as_deref(), Ok("https://acme.freshdesk.com"), "{domain}");
        }
    }

    /// B12: a domain that could send the key elsewhere is refused.
    #[test]
    fn b12_nothing_else_is_taken_for_a_helpdesk() {
        let long = "a".repeat(64);
        for domain in [
            "",
            "x/#",
            "x@h",
            "x:80",
            "x.",
            "ä",
            "xn--mnchen-3ya",
            &long,
            "127.0.0.1",
            "..",
            "a..b",
            "a%2e",
            "-a",
            "a-",
            "a b",
            "evil.com/.freshdesk.com",
            "acme.freshdesk.com.evil.tld",
            "acme.freshdesk.com@evil",
            "http://acme",
            "a.b.freshdesk.com",
            "acme.freshdesk.com:443",
            "acme\0",
            "acme?x",
        ] {
            assert!(base_url(domain, "").is_err(), "{domain}");
        }
    }

    #[test]
    fn a_simulator_is_on_this_machine() {
        assert_eq!(base_url("", "http://127.0.0.1:8080/").as_deref(), Ok("http://127.0.0.1:8080"));
        assert_eq!(base_url("acme", "http://localhost:1").as_deref(), Ok("http://localhost:1"));
        for url in [
            "http://127.0.0.1",
            "http://10.0.0.1:80",
            "http://127.0.0.1.evil.tld:80",
            "http://127.0.0.1:80@evil",
            "https://evil.tld:1",
            "http://localhost:080",
            "http://localhost:99999",
            "http://127.0.0.1:80/x",
            "x",
        ] {
            assert!(base_url("acme", url).is_err(), "{url}");
        }
    }
}
