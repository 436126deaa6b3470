//! Which address requests go to: never one that the variables did not plainly name.

use freshdesk_label::Label;

/// The base URL for the helpdesk `domain`, or `simulator` where one is given.
pub(crate) fn base_url(domain: &str, simulator: &str) -> Result<String, String> {
    if !simulator.is_empty() {
        return loopback(simulator.trim_end_matches('/'));
    }
    if domain.is_empty() {
        return Err("set FRESHDESK_DOMAIN to your helpdesk, such as acme.freshdesk.com".to_owned());
    }
    let helpdesk = Label::parse(domain).map_err(|why| format!("FRESHDESK_DOMAIN: {why}"))?;
    Ok(format!("https://{}", helpdesk.host()))
}

/// A simulator's address: this machine only, so that no key is sent elsewhere in the clear.
fn loopback(url: &str) -> Result<String, String> {
    let refused = "FRESHDESK_BASE_URL must be http://127.0.0.1:PORT or http://localhost:PORT";
    let authority = url.strip_prefix("http://").ok_or(refused)?;
    let (host, port) = authority.split_once(':').ok_or(refused)?;
    let port_is_number = port.parse::<u16>().is_ok_and(|number| number.to_string() == port);
    if ["127.0.0.1", "localhost"].contains(&host) && port_is_number {
        Ok(url.to_owned())
    } else {
        Err(refused.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_helpdesk_is_reached_over_tls() {
        assert_eq!(base_url("acme", "").as_deref(), Ok("https://acme.freshdesk.com"));
        assert!(base_url("evil.tld", "").is_err());
        assert!(base_url("", "").is_err_and(|why| why.starts_with("set FRESHDESK_DOMAIN")));
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
