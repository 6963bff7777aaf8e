//! The HTTP listener: plain or TLS, HTTP/1.1 and HTTP/2, bounded, closed gracefully.
//! What is answered is the router's business.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use api::request::ClientAddress;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt;
use tower_http::timeout::TimeoutBody;

use crate::address;
use crate::config::Config;
use crate::output::Failure;
use crate::tls::Tls;

/// A client that sends its request line and headers slower than this is cut off; a connection
/// nothing is asked on is kept as long.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// A client that has not shaken hands by then is no client.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// A body of which nothing has come for this long is given up.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// An HTTP/2 client silent for this long is asked whether it is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// How long requests under way may take to finish when the process is asked to stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
/// After a failed accept, which mostly means that file descriptors have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A bound listener, not yet serving.
pub(crate) struct Listener {
    socket: TcpListener,
    tls: Option<Tls>,
    address: SocketAddr,
}

/// What every connection needs.
#[derive(Clone)]
struct Serving {
    app: Router,
    config: Arc<Config>,
    tls: Option<Tls>,
}

impl Listener {
    pub(crate) async fn bind(config: &Config) -> Result<Self, Failure> {
        let tls = Tls::of_http(&config.http)?;
        let wanted = config.http.address;
        let bound = TcpListener::bind(wanted).await;
        let bound = bound.and_then(|socket| io::Result::Ok((socket.local_addr()?, socket)));
        let (address, socket) = bound.map_err(|error| {
            Failure::because(&format!("listen on {wanted}"), &error)
                .hint("--http ADDR chooses another address; port 0 takes any free one")
        })?;
        Ok(Self { socket, tls, address })
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
        let graceful = GracefulShutdown::new();
        let places = Arc::new(Semaphore::new(config.http.connections_max));
        let serving = Serving { app, config, tls: self.tls };
        tokio::pin!(stop);
        loop {
            let (stream, peer, place) = tokio::select! {
                accepted = accept(&self.socket, &places) => accepted,
                () = &mut stop => break,
            };
            let (serving, watcher) = (serving.clone(), graceful.watcher());
            tokio::spawn(async move {
                serving.connection(stream, peer, watcher).await;
                drop(place);
            });
        }
        drop(self.socket);
        // What is not finished by then is broken off; nothing unanswered was promised.
        let _ = tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await;
    }
}

/// The next connection, once there is a place for it.
async fn accept(
    socket: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed, so there always is a place in the end.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match socket.accept().await {
            Ok((stream, peer)) => return (stream, peer, place),
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

impl Serving {
    async fn connection(self, stream: TcpStream, peer: SocketAddr, watcher: Watcher) {
        // A small answer must not wait for a larger one.
        let _ = stream.set_nodelay(true);
        let Some(tls) = self.tls.clone() else {
            return self.requests(stream, peer, watcher).await;
        };
        let handshake = tls.acceptor().accept(stream);
        match tokio::time::timeout(HANDSHAKE_TIMEOUT, handshake).await {
            Ok(Ok(stream)) => self.requests(stream, peer, watcher).await,
            Ok(Err(error)) => tracing::debug!(%peer, %error, "TLS handshake failed"),
            Err(_) => tracing::debug!(%peer, "TLS handshake took too long"),
        }
    }

    async fn requests<S>(self, stream: S, peer: SocketAddr, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self { app, config, .. } = self;
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            let address = address::client(peer.ip(), request.headers(), &config);
            request.extensions_mut().insert(ClientAddress(address));
            request.extensions_mut().insert(console::ClientAddress(address));
            let timed = |body| Body::new(TimeoutBody::new(BODY_TIMEOUT, body));
            app.clone().oneshot(request.map(timed))
        });
        let mut builder = Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
        builder.http2().timer(TokioTimer::new()).keep_alive_interval(KEEP_ALIVE);
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(connection.into_owned()).await {
            tracing::debug!(%peer, %error, "connection ended early");
        }
    }
}
