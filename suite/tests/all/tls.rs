//! TLS servers for tests: a certificate for `localhost` that nobody vouches for, and peers behind it.

use pushspec_fixtures::wire::{Peer, TlsPeer};
use rcgen::{CertifiedKey, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::{Arc, LazyLock};

static CERTIFIED: LazyLock<CertifiedKey<KeyPair>> = LazyLock::new(|| {
    rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate")
});

fn key() -> PrivateKeyDer<'static> {
    PrivateKeyDer::from(PrivatePkcs8KeyDer::from(
        CERTIFIED.signing_key.serialize_der(),
    ))
}

/// A peer behind TLS.
pub(crate) fn behind(peer: Arc<dyn Peer>) -> Arc<dyn Peer> {
    Arc::new(TlsPeer::new(peer, CERTIFIED.cert.der().clone(), key()))
}

/// The configuration, and the certificate in PEM for whoever wants to believe it.
pub(crate) fn server() -> (Arc<ServerConfig>, String) {
    let config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![CERTIFIED.cert.der().clone()], key())
            .expect("a configuration");
    (Arc::new(config), CERTIFIED.cert.pem())
}
