//! TLS with the public certificate authorities (and one of the operator's own, if given).

use std::sync::Arc;

use base::Problem;
use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio_rustls::TlsConnector;

use super::config::{Config, Security};
use crate::config::wrong;

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
pub fn prepare(config: &Config) -> Result<Encryption, Problem> {
    let host = config.host.trim_start_matches('[').trim_end_matches(']').to_owned();
    match config.security {
        Security::None => Ok(Encryption::None),
        Security::Starttls => starttls(config, host),
        Security::Tls => immediate(config, host),
    }
}

fn starttls(config: &Config, host: String) -> Result<Encryption, Problem> {
    let mut builder = TlsParameters::builder(host).certificate_store(CertificateStore::WebpkiRoots);
    if let Some(pem) = &config.ca_certificate {
        read_authorities(pem)?;
        let certificate = Certificate::from_pem(pem.as_bytes()).map_err(|_| unreadable())?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build_rustls().map(Encryption::Starttls).map_err(|_| unreadable())
}

fn immediate(config: &Config, host: String) -> Result<Encryption, Problem> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(pem) = &config.ca_certificate {
        for certificate in read_authorities(pem)? {
            roots.add(certificate).map_err(|_| unreadable())?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong("security", error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host).map_err(|_| wrong("host", "cannot stand in a certificate"))?;
    Ok(Encryption::Immediate(TlsConnector::from(Arc::new(client)), name))
}

fn read_authorities(pem: &str) -> Result<Vec<CertificateDer<'static>>, Problem> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    certificates.ok().filter(|certificates| !certificates.is_empty()).ok_or_else(unreadable)
}

fn unreadable() -> Problem {
    wrong("ca_certificate", "is not a certificate in PEM form")
}
