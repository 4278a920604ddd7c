//! TLS by rustls with ring. One configuration feeds every connection; no process default is installed.

use super::{Boxed, Transport, Wire};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore,
    SignatureScheme,
};
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Which certificates are believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Trust {
    /// The system's roots; where there are none, the bundled ones.
    #[default]
    System,
    /// Only the certificates in this PEM file.
    File(PathBuf),
    /// Any certificate.
    Anything,
}

/// Why TLS cannot be set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsError {
    /// The certificate file cannot be read.
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The host is neither a DNS name nor an address.
    Name(String),
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, reason } => {
                write!(
                    f,
                    "--cacert {}: {reason}: give a PEM file with at least one certificate",
                    path.display()
                )
            }
            Self::Name(host) => write!(f, "`{host}` cannot be the name of a TLS server"),
        }
    }
}

impl std::error::Error for TlsError {}

impl Trust {
    /// Whether it can be used: a file may be none, or hold no certificate.
    ///
    /// # Errors
    /// Where the certificate file is unusable.
    pub fn check(&self) -> Result<(), TlsError> {
        match self {
            Self::System | Self::Anything => Ok(()),
            Self::File(path) => file_roots(path).map(drop),
        }
    }
}

/// Reaches a target over TLS. A copy can be had that is odd in one point.
#[derive(Clone)]
pub struct Tls {
    below: Arc<dyn Transport>,
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    trust: Trust,
}

impl Tls {
    /// Puts TLS on a transport that has none.
    ///
    /// # Errors
    /// Where the certificate file is unusable or the host cannot be a server's name.
    pub fn new(below: Arc<dyn Transport>, host: &str, trust: &Trust) -> Result<Self, TlsError> {
        let name =
            ServerName::try_from(host.to_owned()).map_err(|_| TlsError::Name(host.into()))?;
        Ok(Self {
            below,
            config: Arc::new(config(trust)?),
            name,
            trust: trust.clone(),
        })
    }

    /// The transport below: what is said there is not encrypted.
    pub(crate) fn below(&self) -> &Arc<dyn Transport> {
        &self.below
    }

    /// The configuration, for a client that encrypts by itself.
    pub(crate) fn config(&self) -> ClientConfig {
        ClientConfig::clone(&self.config)
    }

    /// A configuration with which no server is believed, for a client that needs one and never encrypts.
    pub(crate) fn trusting_nobody() -> ClientConfig {
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring offers TLS 1.2 and 1.3")
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth()
    }

    /// The same, asking for another name. No certificate can be for it, so any is believed.
    pub(crate) fn asking_for(&self, name: &'static str) -> Self {
        let mut odd = self.clone();
        odd.name = ServerName::try_from(name).expect("a name");
        let provider = Arc::new(ring::default_provider());
        Arc::make_mut(&mut odd.config)
            .dangerous()
            .set_certificate_verifier(Arc::new(Credulous(provider)));
        odd
    }

    /// The same, offering these protocols (RFC 7301).
    pub(crate) fn offering(&self, protocols: &[&str]) -> Self {
        let mut odd = self.clone();
        let protocols = protocols.iter().map(|protocol| protocol.as_bytes().into());
        Arc::make_mut(&mut odd.config).alpn_protocols = protocols.collect();
        odd
    }

    /// The same, with so many bytes in a record at most.
    pub(crate) fn in_records_of(&self, bytes: usize) -> Self {
        let mut odd = self.clone();
        Arc::make_mut(&mut odd.config).max_fragment_size = Some(bytes);
        odd
    }
}

impl Transport for Tls {
    fn dial(&self, patience: Duration) -> Boxed<'_, Result<Box<dyn Wire>, String>> {
        Box::pin(async move {
            let wire = self.below.dial(patience).await?;
            let connector = TlsConnector::from(Arc::clone(&self.config));
            match timeout(patience, connector.connect(self.name.clone(), wire)).await {
                Ok(Ok(stream)) => Ok(Box::new(stream) as Box<dyn Wire>),
                Ok(Err(error)) => Err(self.failure(&error)),
                Err(_) => Err(format!(
                    "the TLS handshake did not end within {} s: is this the right port, and does it speak TLS?",
                    patience.as_secs_f32()
                )),
            }
        })
    }

    fn tls(&self) -> Option<&Tls> {
        Some(self)
    }

    fn name(&self) -> &'static str {
        "tls"
    }
}

impl Tls {
    /// Why a handshake failed, and what to do about it.
    fn failure(&self, error: &io::Error) -> String {
        let tls = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>());
        let Some(rustls::Error::InvalidCertificate(wrong)) = tls else {
            return format!(
                "the TLS handshake failed ({error}): is this the right port, and does it speak TLS?"
            );
        };
        let (why, remedy) = match wrong {
            // A signature is bad where somebody trusted has the issuer's name and another key.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => (
                "the certificate's issuer is not trusted".into(),
                match &self.trust {
                    Trust::File(path) => format!(
                        "no certificate in {} vouches for it; --insecure believes any",
                        path.display()
                    ),
                    Trust::System | Trust::Anything => {
                        "for a private certificate give --cacert FILE, or --insecure".into()
                    }
                },
            ),
            // The library hides the reason in a type that prints itself for programmers only.
            CertificateError::Other(OtherError(other))
                if format!("{other:?}").contains("CaUsedAsEndEntity") =>
            {
                (
                    "the server's certificate is marked as an authority's".into(),
                    "make one with CA:FALSE, or give --insecure".into(),
                )
            }
            other => (other.to_string(), "--insecure believes any".into()),
        };
        format!("the TLS handshake failed ({why}): {remedy}")
    }
}

impl Wire for TlsStream<Box<dyn Wire>> {
    fn reset(self: Box<Self>) {
        let (below, _) = self.into_inner();
        below.reset();
    }

    fn protocol(&self) -> Option<String> {
        let (_, session) = self.get_ref();
        let protocol = session.alpn_protocol()?;
        Some(String::from_utf8_lossy(protocol).into_owned())
    }
}

fn config(trust: &Trust) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .expect("ring offers TLS 1.2 and 1.3");
    let mut config = match trust {
        Trust::System => {
            let native = rustls_native_certs::load_native_certs().certs;
            builder.with_root_certificates(system_roots(native))
        }
        Trust::File(path) => builder.with_root_certificates(file_roots(path)?),
        Trust::Anything => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Credulous(provider))),
    }
    .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The roots that the system has, else those that are built in.
fn system_roots(native: Vec<CertificateDer<'static>>) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(native);
    if roots.is_empty() {
        // A distroless image has no roots of its own.
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

fn file_roots(path: &PathBuf) -> Result<RootCertStore, TlsError> {
    let failure = |reason: String| TlsError::File {
        path: path.clone(),
        reason,
    };
    let mut roots = RootCertStore::empty();
    for certificate in
        CertificateDer::pem_file_iter(path).map_err(|error| failure(error.to_string()))?
    {
        let certificate = certificate.map_err(|error| failure(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| failure(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(failure("no certificate in it".into()));
    }
    Ok(roots)
}

/// Believes every certificate, as `--insecure` asks for; signatures are still verified.
#[derive(Debug)]
struct Credulous(Arc<CryptoProvider>);

impl ServerCertVerifier for Credulous {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_system_has_no_roots_the_built_in_ones_are_believed() {
        let built_in = webpki_roots::TLS_SERVER_ROOTS.len();
        assert!(built_in > 100, "{built_in}");
        assert_eq!(system_roots(Vec::new()).len(), built_in);
        let unreadable = CertificateDer::from(vec![0; 8]);
        assert_eq!(system_roots(vec![unreadable]).len(), built_in);
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("one");
        assert_eq!(system_roots(vec![own.cert.der().clone()]).len(), 1);
    }
}
