//! TLS with the public certificate authorities (and one of the operator's own, if given).

use std::sync::Arc;

use base::Problem;
use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio_rustls::TlsConnector;

use super::endpoint::{Endpoint, Security};

/// How a connection becomes encrypted.
pub enum Encryption {
    /// It does not.
    None,
    /// After EHLO.
    Starttls(TlsParameters),
    /// Before the first byte.
    Immediate(TlsConnector, ServerName<'static>),
}

/// Prepares what the configuration asks for.
///
/// Errors: [`base::Code::InvalidChannel`] when the certificate authority cannot be read.
pub fn prepare(endpoint: &Endpoint) -> Result<Encryption, Problem> {
    match endpoint.security {
        Security::None => Ok(Encryption::None),
        Security::Starttls => starttls(endpoint),
        Security::Tls => connector(endpoint).map(|(connector, name)| Encryption::Immediate(connector, name)),
    }
}

fn starttls(endpoint: &Endpoint) -> Result<Encryption, Problem> {
    let host = endpoint.bare_host().to_owned();
    let mut builder = TlsParameters::builder(host).certificate_store(CertificateStore::WebpkiRoots);
    if let Some(pem) = &endpoint.ca_certificate {
        read_authorities(endpoint, pem)?;
        let certificate = Certificate::from_pem(pem.as_bytes()).map_err(|_| unreadable(endpoint))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build_rustls().map(Encryption::Starttls).map_err(|_| unreadable(endpoint))
}

/// What speaks TLS to a server, and the name that its certificate must have.
///
/// Errors: [`base::Code::InvalidChannel`] when the certificate authority cannot be read.
pub fn connector(endpoint: &Endpoint) -> Result<(TlsConnector, ServerName<'static>), Problem> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(pem) = &endpoint.ca_certificate {
        for certificate in read_authorities(endpoint, pem)? {
            roots.add(certificate).map_err(|_| unreadable(endpoint))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| endpoint.wrong("security", &error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(endpoint.bare_host().to_owned());
    let name = name.map_err(|_| endpoint.wrong("host", "cannot stand in a certificate"))?;
    Ok((TlsConnector::from(Arc::new(client)), name))
}

fn read_authorities(endpoint: &Endpoint, pem: &str) -> Result<Vec<CertificateDer<'static>>, Problem> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    certificates.ok().filter(|certificates| !certificates.is_empty()).ok_or_else(|| unreadable(endpoint))
}

fn unreadable(endpoint: &Endpoint) -> Problem {
    endpoint.wrong("ca_certificate", "is not a certificate in PEM form")
}
