//! TLS by rustls: the certificate read from its files, and read anew when the process is told to.
//! Which connections speak it is the listener's business.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::HttpConfig;
use crate::output::Failure;
use crate::shutdown::Reload;

/// Where the certificate and its key are.
#[derive(Clone)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// The acceptor with the certificate read last.
#[derive(Clone)]
pub(crate) struct Tls(watch::Receiver<TlsAcceptor>);

impl Tls {
    /// TLS where the configuration names a certificate. SIGHUP reads it anew; one that cannot be
    /// used leaves the old one in place.
    ///
    /// # Errors
    ///
    /// The files cannot be read, or do not belong together.
    pub(crate) fn configured(config: &HttpConfig) -> Result<Option<Self>, Failure> {
        let (Some(certificate), Some(key)) = (&config.certificate, &config.key) else {
            return Ok(None);
        };
        let files = Files { certificate: certificate.clone(), key: key.clone() };
        let (newest, read) = watch::channel(files.acceptor()?);
        tokio::spawn(read_anew(files, newest, Reload::listen()?));
        Ok(Some(Self(read)))
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.0.borrow().clone()
    }
}

async fn read_anew(files: Files, newest: watch::Sender<TlsAcceptor>, mut reload: Reload) {
    while reload.told().await {
        match files.acceptor() {
            Ok(acceptor) => {
                newest.send_replace(acceptor);
                tracing::info!("read the TLS certificate anew");
            }
            Err(failure) => tracing::error!("kept the old TLS certificate: {failure}"),
        }
    }
}

impl Files {
    fn acceptor(&self) -> Result<TlsAcceptor, Failure> {
        let chain = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| unreadable("certificate", &self.certificate, &error))?;
        if chain.is_empty() {
            let shown = self.certificate.display();
            return Err(Failure::new(format!("{shown} holds no certificate in PEM")));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|error| unreadable("key", &self.key, &error))?;
        let server = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
        let mut server = server.map_err(|error| {
            Failure::because("use the TLS certificate", &error)
                .hint("http.key must be the key http.certificate was made for")
        })?;
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(server)))
    }
}

fn unreadable(what: &str, path: &Path, error: &dyn std::error::Error) -> Failure {
    Failure::because(&format!("read the {what} {}", path.display()), error)
        .hint(format!("http.{what} names a PEM file this user may read"))
}
