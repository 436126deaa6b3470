//! Where the host itself sends requests, beside helpdesks: what a webhook's URL may say, and that of an issuer's keys.

use std::net::IpAddr;

use http::Uri;
use thiserror::Error;

use super::dial::Destination;

/// Longest URL, in characters.
const LONGEST: usize = 500;

/// A URL that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    uri: Uri,
    destination: Destination,
}

/// Why nothing is sent to a URL.
#[derive(Debug, PartialEq, Eq, Error)]
pub(crate) enum InvalidTarget {
    /// It is none that anything is ever sent to.
    #[error("it has to be https:// and a host, of at most {LONGEST} characters, without a user and without #")]
    Url,
    /// It is of this machine, which only trials may use.
    #[error("it is of this machine, which is for trials and has to be allowed when the host is started")]
    Local,
}

impl Target {
    /// Reads a URL. One that names this machine literally, by `localhost` or an address of it, may go without TLS, and
    /// is refused unless `local` allows it. Whether a name leads to a public address is seen when it is connected to.
    pub(crate) fn parse(url: &str, local: bool) -> Result<Self, InvalidTarget> {
        let plain = url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        let uri: Uri = Some(url)
            .filter(|_| plain && url.len() <= LONGEST)
            .and_then(|url| url.parse().ok())
            .ok_or(InvalidTarget::Url)?;
        let authority =
            uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or(InvalidTarget::Url)?;
        let host = host(authority.host()).ok_or(InvalidTarget::Url)?;
        let this_machine = match host.parse::<IpAddr>() {
            Ok(address) => address.is_loopback(),
            Err(_) => host.eq_ignore_ascii_case("localhost"),
        };
        let (tls, port) = match uri.scheme_str() {
            Some("https") => (true, 443),
            Some("http") if this_machine => (false, 80),
            _ => return Err(InvalidTarget::Url),
        };
        if this_machine && !local {
            return Err(InvalidTarget::Local);
        }
        let port = match &authority.as_str()[authority.host().len()..] {
            "" => port,
            _ => authority.port_u16().filter(|port| *port != 0).ok_or(InvalidTarget::Url)?,
        };
        let destination = Destination { host: host.to_owned(), port, tls, this_machine };
        Ok(Self { uri, destination })
    }

    /// What to connect to.
    pub(crate) fn destination(&self) -> &Destination {
        &self.destination
    }

    /// The host and port as the URL names them.
    pub(crate) fn authority(&self) -> &str {
        self.uri.authority().map_or("", |authority| authority.as_str())
    }

    /// The path and what is behind it.
    pub(crate) fn path(&self) -> String {
        let path = self.uri.path_and_query().map_or("/", |path| path.as_str());
        // A query may follow the host at once, but in a request it follows a path.
        if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
    }
}

/// A name, or an address without brackets.
fn host(text: &str) -> Option<&str> {
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').filter(|bare| bare.parse::<IpAddr>().is_ok())?,
        None => text,
    };
    (!bare.is_empty()).then_some(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Option<(String, u16, bool, bool)> {
        let Destination { host, port, tls, this_machine } = Target::parse(url, true).ok()?.destination;
        Some((host, port, tls, this_machine))
    }

    #[test]
    fn a_request_goes_over_tls_on_any_port() {
        assert_eq!(read("https://hooks.example.com/a?b=c"), Some(("hooks.example.com".to_owned(), 443, true, false)));
        assert_eq!(read("https://hooks.example.com:8443"), Some(("hooks.example.com".to_owned(), 8443, true, false)));
        assert_eq!(read("https://[2606:4700::1111]/"), Some(("2606:4700::1111".to_owned(), 443, true, false)));
        let target = Target::parse("https://hooks.example.com:8443?x=1", false).unwrap();
        assert_eq!((target.authority(), &*target.path()), ("hooks.example.com:8443", "/?x=1"));
        assert_eq!(Target::parse("https://hooks.example.com", false).unwrap().path(), "/");
    }

    #[test]
    fn what_names_this_machine_literally_may_go_without_tls_where_trials_are_allowed() {
        for url in ["http://127.0.0.1:9000/", "http://localhost/", "http://[::1]:9000/", "https://127.0.0.2/"] {
            assert!(read(url).is_some_and(|(_, _, tls, this_machine)| this_machine && tls == url.starts_with("https")));
            assert_eq!(Target::parse(url, false), Err(InvalidTarget::Local), "{url}");
        }
    }

    #[test]
    fn nothing_is_sent_to_any_other_url() {
        for url in [
            "",
            "/hooks",
            "hooks.example.com",
            "http://hooks.example.com/",
            "http://10.0.0.1/",
            "http://127.0.0.1.example.com/",
            "http://localhost.example.com/",
            "http://user@127.0.0.1/",
            "http://127.0.0.1@evil.example/",
            "ftp://hooks.example.com/",
            "unix:///run/hooks",
            "https://user:pass@hooks.example.com/",
            "https://hooks.example.com/#x",
            "https://hooks.example.com:/",
            "https://hooks.example.com:0/",
            "https://hooks.example.com:99999/",
            "https://hooks.example.com/a b",
            "https://hooks.example.com/\r\nx: y",
            "https://h\u{e4}ken.example.com/",
            "https:///x",
            "https://[fe80::1%25eth0]/",
            "https://[::1/",
            &format!("https://hooks.example.com/{}", "x".repeat(500)),
        ] {
            assert_eq!(Target::parse(url, true), Err(InvalidTarget::Url), "{url}");
        }
    }
}
