//! The authority that a simulator generates for itself, and the certificate it shows.

use std::sync::Arc;

use anyhow::Context;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

/// Every name that the certificate is good for.
const NAMES: [&str; 4] = ["*.freshdesk.com", "localhost", "127.0.0.1", "::1"];

/// A server's side of TLS, and the authority that a client must trust.
pub(crate) struct Authority {
    /// The certificate of the authority in PEM.
    pub(crate) pem: String,
    /// What shakes hands, and offers the protocols.
    pub(crate) acceptor: TlsAcceptor,
}

impl Authority {
    /// Generates an authority and a certificate for [`NAMES`], for a server of these protocols in its order. The keys live as long as the simulator.
    pub(crate) fn generate(protocols: &[&str]) -> anyhow::Result<Authority> {
        let authority_key = KeyPair::generate().context("the authority's key")?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, "Freshdesk simulator authority");
        let authority = params.self_signed(&authority_key).context("the authority's certificate")?;

        let key = KeyPair::generate().context("the server's key")?;
        let mut leaf = CertificateParams::new(NAMES.map(str::to_owned).to_vec())?;
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.distinguished_name.push(DnType::CommonName, "Freshdesk simulator");
        let issuer = Issuer::from_params(&params, &authority_key);
        let certificate = leaf.signed_by(&key, &issuer).context("the server's certificate")?;

        let config = server_config(certificate.der().clone(), key.serialize_der(), protocols)?;
        Ok(Authority { pem: authority.pem(), acceptor: TlsAcceptor::from(Arc::new(config)) })
    }
}

/// A configuration with the ring provider; the process-wide one is left alone.
fn server_config(
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
    protocols: &[&str],
) -> anyhow::Result<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key));
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)?;
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    Ok(config)
}
