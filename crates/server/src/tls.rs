//! TLS by rustls: certificates read from their files, and read anew when the process is told to; and
//! whom connections of ours to trunks trust. Which connections speak it is the listeners' business.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use tokio::sync::watch;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::config::{HttpConfig, SipConfig};
use crate::output::Failure;
use crate::shutdown::Reload;

/// What HTTP clients choose from; SIP has no such names.
const HTTP_PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Where Debian and Alpine, Fedora, and the BSDs keep the authorities they trust, in one file.
const SYSTEM_AUTHORITIES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// Where a certificate and its key are.
#[derive(Clone)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
    /// The table of the configuration that names them.
    table: &'static str,
    protocols: Vec<Vec<u8>>,
}

/// The acceptor with the certificate read last.
#[derive(Clone)]
pub(crate) struct Tls(watch::Receiver<TlsAcceptor>);

impl Tls {
    /// TLS for HTTP where the configuration names a certificate.
    ///
    /// # Errors
    ///
    /// The files cannot be read, or do not belong together.
    pub(crate) fn of_http(config: &HttpConfig) -> Result<Option<Self>, Failure> {
        let files = named("http", config.certificate.as_ref(), config.key.as_ref());
        let protocols = HTTP_PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        files.map(|files| Self::read(Files { protocols, ..files })).transpose()
    }

    /// TLS for SIP: with a certificate of its own, or with the one of HTTP; `None` without either.
    ///
    /// # Errors
    ///
    /// As above.
    pub(crate) fn of_sip(sip: &SipConfig, http: &HttpConfig) -> Result<Option<Self>, Failure> {
        let own = named("sip", sip.certificate.as_ref(), sip.key.as_ref());
        let files = own.or_else(|| named("http", http.certificate.as_ref(), http.key.as_ref()));
        files.map(Self::read).transpose()
    }

    /// Reads the files, and again at every SIGHUP; what cannot be used then leaves the old
    /// certificate in place.
    fn read(files: Files) -> Result<Self, Failure> {
        let (newest, read) = watch::channel(files.acceptor()?);
        tokio::spawn(read_anew(files, newest, Reload::listen()?));
        Ok(Self(read))
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.0.borrow().clone()
    }
}

fn named(
    table: &'static str,
    certificate: Option<&PathBuf>,
    key: Option<&PathBuf>,
) -> Option<Files> {
    let (certificate, key) = (certificate?.clone(), key?.clone());
    Some(Files { certificate, key, table, protocols: Vec::new() })
}

async fn read_anew(files: Files, newest: watch::Sender<TlsAcceptor>, mut reload: Reload) {
    while reload.told().await {
        match files.acceptor() {
            Ok(acceptor) => {
                newest.send_replace(acceptor);
                tracing::info!(of = files.table, "read the TLS certificate anew");
            }
            Err(failure) => tracing::error!("kept the old TLS certificate: {failure}"),
        }
    }
}

impl Files {
    fn acceptor(&self) -> Result<TlsAcceptor, Failure> {
        let chain = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| self.unreadable("certificate", &self.certificate, &error))?;
        if chain.is_empty() {
            let shown = self.certificate.display();
            return Err(Failure::new(format!("{shown} holds no certificate in PEM")));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|error| self.unreadable("key", &self.key, &error))?;
        let server = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
        let mut server = server.map_err(|error| {
            Failure::because("use the TLS certificate", &error)
                .hint(format!("{0}.key must be the key {0}.certificate was made for", self.table))
        })?;
        server.alpn_protocols.clone_from(&self.protocols);
        Ok(TlsAcceptor::from(Arc::new(server)))
    }

    fn unreadable(&self, what: &str, path: &Path, error: &dyn std::error::Error) -> Failure {
        Failure::because(&format!("read the {what} {}", path.display()), error)
            .hint(format!("{}.{what} names a PEM file this user may read", self.table))
    }
}

/// Whom connections of ours trust: the authorities of a file, or else the system's, which are read
/// when the first connection needs them. A start must not wait for some hundred certificates.
#[derive(Clone)]
pub(crate) struct Authorities(Arc<OnceLock<Option<TlsConnector>>>);

impl Authorities {
    /// # Errors
    ///
    /// The file cannot be read, or holds no certificate.
    pub(crate) fn configured(file: Option<&Path>) -> Result<Self, Failure> {
        let known = OnceLock::new();
        if let Some(file) = file {
            let certificates = CertificateDer::pem_file_iter(file)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                .map_err(|error| {
                    Failure::because(&format!("read {}", file.display()), &error)
                        .hint("sip.authorities names a PEM file this user may read")
                })?;
            let connector = trusting(certificates).ok_or_else(|| {
                Failure::new(format!("{} holds no certificate in PEM", file.display()))
            })?;
            // Set once, here.
            let _ = known.set(Some(connector));
        }
        Ok(Self(Arc::new(known)))
    }

    /// What to connect with; `None` where the system has no authorities.
    pub(crate) fn connector(&self) -> Option<TlsConnector> {
        self.0.get_or_init(of_the_system).clone()
    }
}

fn of_the_system() -> Option<TlsConnector> {
    let file = SYSTEM_AUTHORITIES.iter().map(Path::new).find(|file| file.exists());
    let read = file.map(|file| {
        CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>)
    });
    let connector = read.and_then(Result::ok).and_then(trusting);
    if connector.is_none() {
        tracing::error!("the system has no certificate authorities: no trunk over TLS is trusted");
    }
    connector
}

/// `None` where none of them is usable.
fn trusting(certificates: Vec<CertificateDer<'static>>) -> Option<TlsConnector> {
    let mut roots = RootCertStore::empty();
    let (usable, _) = roots.add_parsable_certificates(certificates);
    let client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    (usable > 0).then(|| TlsConnector::from(Arc::new(client)))
}
