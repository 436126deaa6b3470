//! Connects to where webhooks go and where an issuer has its keys, under the same rule for addresses as the way to
//! Freshdesk: a connection is made to an address that was checked, and to no other. Each is used for one request, so that
//! none is shared and none is found closed.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::address;
use super::connect::{CONNECT, Resolver};

/// Where to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Destination {
    /// A name, or an address without brackets.
    pub(crate) host: String,
    /// The port.
    pub(crate) port: u16,
    /// Whether it is spoken to over TLS.
    pub(crate) tls: bool,
    /// Whether the host names this machine literally, and may. It is connected to a loopback address then, and otherwise
    /// never to one.
    pub(crate) this_machine: bool,
}

/// A connection.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Makes connections.
#[derive(Clone)]
pub(crate) struct Dialer {
    tls: Arc<ClientConfig>,
    resolver: Resolver,
}

impl Dialer {
    /// Trusts whom `tls` trusts. No session is resumed, and HTTP/1.1 alone is offered.
    pub(super) fn new(mut tls: ClientConfig, resolver: Resolver) -> Self {
        tls.resumption = Resumption::disabled();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self { tls: Arc::new(tls), resolver }
    }

    /// Looks the host up, connects to the first of its addresses that is reached, and shakes hands. The caller limits the
    /// time for all of it.
    pub(crate) async fn dial(&self, to: &Destination) -> io::Result<Box<dyn Stream>> {
        let stream = connected(self.addresses(to).await?).await?;
        stream.set_nodelay(true)?;
        if !to.tls {
            return Ok(Box::new(stream));
        }
        let name = ServerName::try_from(to.host.clone()).map_err(io::Error::other)?;
        let stream = TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream).await?;
        Ok(Box::new(stream))
    }

    async fn addresses(&self, to: &Destination) -> io::Result<Vec<SocketAddr>> {
        let mut addresses = match (to.host.parse::<IpAddr>(), to.this_machine) {
            (Ok(address), true) if address.is_loopback() => vec![(address, 0).into()],
            (Err(_), true) => vec![(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()],
            (Ok(address), _) => address::checked(std::iter::once((address, 0).into())).map_err(io::Error::other)?,
            (Err(_), false) => self.resolver.look_up(&to.host).await?,
        };
        addresses.iter_mut().filter(|address| address.port() == 0).for_each(|address| address.set_port(to.port));
        Ok(addresses)
    }
}

/// A connection to the first address that takes one; they share the time.
async fn connected(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let share = CONNECT / u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
    let mut failed = io::Error::other("the name has no address");
    for address in addresses {
        match timeout(share.max(Duration::from_millis(500)), TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(why)) => failed = why,
            Err(_) => failed = io::Error::new(io::ErrorKind::TimedOut, "no connection in time"),
        }
    }
    Err(failed)
}

#[cfg(test)]
mod tests {
    use super::super::connect::{Connecting, Development};
    use super::*;

    async fn dialled(host: &str, port: u16, this_machine: bool) -> Result<(), String> {
        let dialer = Connecting::new(&Development::default()).unwrap().dialer();
        let to = Destination { host: host.to_owned(), port, tls: false, this_machine };
        dialer.dial(&to).await.map(drop).map_err(|why| why.to_string())
    }

    #[tokio::test]
    async fn no_inner_address_is_connected_to_however_it_is_written() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in [
            "127.0.0.1",
            "::1",
            "::ffff:127.0.0.1",
            "localhost",
            "169.254.169.254",
            "10.0.0.1",
            "192.168.1.1",
            "fd00:ec2::254",
            "fe80::1",
            "0.0.0.0",
            "2130706433",
            "0x7f.1",
            "127.1",
        ] {
            let refused = dialled(host, port, false).await.unwrap_err();
            assert!(refused.contains("no public address") || refused.contains("lookup"), "{host}: {refused}");
        }
    }

    #[tokio::test]
    async fn this_machine_is_connected_to_where_it_may_be() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in ["127.0.0.1", "localhost"] {
            assert_eq!(dialled(host, port, true).await, Ok(()), "{host}");
        }
        let refused = dialled("169.254.169.254", port, true).await.unwrap_err();
        assert!(refused.contains("link-local"), "{refused}");
    }
}
