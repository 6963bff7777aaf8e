//! The HTTP listener: plain or TLS, HTTP/1.1 and HTTP/2, bounded, closed gracefully.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use api::request::ClientAddress;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tower::ServiceExt;

use crate::address;
use crate::config::Config;
use crate::output::Failure;

/// A client that sends its request line and headers slower than this is cut off.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);
/// How long requests under way may take to finish when the process is asked to stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// A bound listener, not yet serving.
pub(crate) struct Listener {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    pub(crate) address: SocketAddr,
}

impl Listener {
    pub(crate) async fn bind(config: &Config) -> Result<Self, Failure> {
        let wanted = config.http.address;
        let listening = async {
            let listener = TcpListener::bind(wanted).await?;
            let address = listener.local_addr()?;
            io::Result::Ok((listener, address))
        };
        let (listener, address) = listening.await.map_err(|error| {
            Failure::because(&format!("listen on {wanted}"), &error)
                .hint("--http ADDR chooses another address; port 0 takes any free one")
        })?;
        let tls = match (&config.http.certificate, &config.http.key) {
            (Some(certificate), Some(key)) => Some(acceptor(certificate, key)?),
            (_, _) => None,
        };
        Ok(Self { listener, tls, address })
    }

    /// `http://127.0.0.1:8080`, for people and scripts.
    pub(crate) fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Serves until `stop`, then lets requests under way finish.
    pub(crate) async fn serve(
        self,
        app: Router,
        config: Arc<Config>,
        stop: impl Future<Output = ()>,
    ) {
        let places = Arc::new(Semaphore::new(config.http.connections_max));
        let graceful = hyper_util::server::graceful::GracefulShutdown::new();
        tokio::pin!(stop);
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
            let (stream, peer) = tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        tracing::warn!(%error, "could not accept a connection");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
                () = &mut stop => break,
            };
            let (app, config) = (app.clone(), Arc::clone(&config));
            let (tls, watcher) = (self.tls.clone(), graceful.watcher());
            tokio::spawn(async move {
                serve_peer(stream, peer, tls, (app, config), watcher).await;
                drop(place);
            });
        }
        drop(self.listener);
        // What is not finished by then is broken off; nothing unanswered was promised.
        let _ = tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await;
    }
}

type Watcher = hyper_util::server::graceful::Watcher;

async fn serve_peer(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    app: (Router, Arc<Config>),
    watcher: Watcher,
) {
    // A small answer must not wait for a larger one.
    let _ = stream.set_nodelay(true);
    match tls {
        None => serve_stream(stream, peer, app, watcher).await,
        Some(tls) => match tokio::time::timeout(HEADER_TIMEOUT, tls.accept(stream)).await {
            Ok(Ok(stream)) => serve_stream(stream, peer, app, watcher).await,
            Ok(Err(error)) => tracing::debug!(%peer, %error, "TLS handshake failed"),
            Err(_) => tracing::debug!(%peer, "TLS handshake took too long"),
        },
    }
}

async fn serve_stream<S>(
    stream: S,
    peer: SocketAddr,
    (app, config): (Router, Arc<Config>),
    watcher: Watcher,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        let address = address::client(peer.ip(), request.headers(), &config);
        request.extensions_mut().insert(ClientAddress(address));
        app.clone().oneshot(request.map(Body::new))
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection.into_owned()).await {
        tracing::debug!(%peer, %error, "connection ended early");
    }
}

fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, Failure> {
    let open = |file: &Path| {
        let opened = std::fs::File::open(file).map(io::BufReader::new);
        opened.map_err(|error| Failure::because(&format!("read {}", file.display()), &error))
    };
    let chain = rustls_pemfile::certs(&mut open(certificate)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Failure::because(&format!("read {}", certificate.display()), &error))?;
    let key_pem = rustls_pemfile::private_key(&mut open(key)?)
        .map_err(|error| Failure::because(&format!("read {}", key.display()), &error))?
        .ok_or_else(|| Failure::new(format!("{} holds no private key", key.display())))?;
    let mut server = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key_pem)
        .map_err(|error| Failure::because("use the TLS certificate", &error))?;
    server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(server)))
}
