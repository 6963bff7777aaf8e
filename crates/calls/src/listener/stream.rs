//! TCP and TLS connections, those that peers open and those we do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use domain::policy::Transport;
use sip::message::{Frame, MESSAGE_BYTES_MAX, next_message};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{timeout, timeout_at};
use tokio_rustls::rustls::pki_types::ServerName;

use super::dispatch::{closed, dispatch, faulty};
use super::seats::{Seat, Seats};
use super::silence::Silence;
use super::way::{Peer, Stream};
use super::{Outbox, Way};
use crate::config::TlsListener;
use crate::shared::Shared;

/// Handshakes and connections that take longer are given up.
const OPENING_MAX: Duration = Duration::from_secs(10);
/// Handshakes at once. Each holds a socket that is counted nowhere else yet; a server's phones come
/// back after a restart at some hundred a second.
const HANDSHAKES_MAX: usize = 1_000;
/// The share of them one address may have is the whole divided by this.
const HANDSHAKE_SHARE: usize = 4;
/// A peer that takes no bytes for so long is gone.
const WRITING_MAX: Duration = Duration::from_secs(10);
/// Silence after which a connection is closed; twice what phones with keep-alives leave at most.
const SILENCE_MAX: Duration = Duration::from_mins(15);
/// After a failed accept, usually for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// What one read takes at first.
const READ_BYTES: usize = 4096;

/// Takes connections until the runtime ends.
pub(crate) async fn accept_tcp(shared: Arc<Shared>, listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((socket, remote)) => {
                drop(socket.set_nodelay(true));
                match shared.seats.take(remote.ip()) {
                    Some(seat) => open(&shared, socket, (Transport::Tcp, remote), seat),
                    None => shared.counters.shed.add(),
                }
            }
            Err(error) => pause_accepting(&shared, &error).await,
        }
    }
}

/// The same with a handshake each, which does not hold up the next.
pub(crate) async fn accept_tls(shared: Arc<Shared>, listener: TcpListener, tls: TlsListener) {
    let most = HANDSHAKES_MAX.min(shared.config.limits.streams);
    let places = Arc::new(Semaphore::new(most));
    let share = (most / HANDSHAKE_SHARE).max(1);
    let shares = Seats::new(share, shared.config.limits.trust_loopback);
    loop {
        match listener.accept().await {
            Ok((socket, remote)) => {
                drop(socket.set_nodelay(true));
                let place = Arc::clone(&places).try_acquire_owned().ok();
                let share = place.as_ref().and_then(|_| shares.take(remote.ip()));
                let seat = share.as_ref().and_then(|_| shared.seats.take(remote.ip()));
                let Some(seat) = seat else {
                    shared.counters.shed.add();
                    continue;
                };
                let (shared, acceptor) = (Arc::clone(&shared), (tls.acceptor)());
                tokio::spawn(async move {
                    match timeout(OPENING_MAX, acceptor.accept(socket)).await {
                        Ok(Ok(socket)) => open(&shared, socket, (Transport::Tls, remote), seat),
                        Ok(Err(error)) => tracing::debug!(%remote, %error, "no TLS handshake"),
                        Err(_) => tracing::debug!(%remote, "no TLS handshake in time"),
                    }
                    drop((place, share));
                });
            }
            Err(error) => pause_accepting(&shared, &error).await,
        }
    }
}

/// Opens a connection of ours; what is sent meanwhile waits in its queue.
pub(crate) fn connect(shared: &Arc<Shared>, remote: SocketAddr) -> Option<Arc<Stream>> {
    let (stream, queued) = shared.streams.open(Transport::Tcp, remote, Peer::Called)?;
    let (shared, opened) = (Arc::clone(shared), Arc::clone(&stream));
    tokio::spawn(async move {
        match timeout(OPENING_MAX, connect_tcp(remote)).await {
            Ok(Ok(socket)) => serve(shared, socket, opened, queued).await,
            Ok(Err(error)) => not_opened(&shared, &opened, &error),
            Err(_) => not_opened(&shared, &opened, &std::io::ErrorKind::TimedOut.into()),
        }
    });
    Some(stream)
}

/// The same over TLS, with a peer whose certificate must be valid for this host name or address.
pub(crate) fn connect_tls(
    shared: &Arc<Shared>,
    remote: SocketAddr,
    name: &str,
) -> Option<Arc<Stream>> {
    let connector = shared.config.trunk_tls.clone()?;
    let server = ServerName::try_from(name.to_owned()).ok()?;
    let peer = Peer::Verified(name.into());
    let (stream, queued) = shared.streams.open(Transport::Tls, remote, peer)?;
    let (shared, opened) = (Arc::clone(shared), Arc::clone(&stream));
    let opening = async move {
        let connector = connector().ok_or(std::io::ErrorKind::Unsupported)?;
        connector.connect(server, connect_tcp(remote).await?).await
    };
    tokio::spawn(async move {
        match timeout(OPENING_MAX, opening).await {
            Ok(Ok(socket)) => serve(shared, socket, opened, queued).await,
            Ok(Err(error)) => not_opened(&shared, &opened, &error),
            Err(_) => not_opened(&shared, &opened, &std::io::ErrorKind::TimedOut.into()),
        }
    });
    Some(stream)
}

async fn connect_tcp(remote: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpStream::connect(remote).await?;
    // A small message must not wait for a larger one.
    drop(socket.set_nodelay(true));
    Ok(socket)
}

fn not_opened(shared: &Shared, stream: &Arc<Stream>, error: &std::io::Error) {
    tracing::warn!(remote = %stream.remote, %error, "could not connect to a peer");
    closed(shared, stream);
}

async fn pause_accepting(shared: &Shared, error: &std::io::Error) {
    shared.counters.receive_failures.add();
    if let Some(times) = shared.complaints.accepting.is_due(shared.moment()) {
        tracing::warn!(%error, times, "could not take a connection");
    }
    tokio::time::sleep(ACCEPT_PAUSE).await;
}

/// Serves a connection that somebody has opened; his seat is free again when it is over.
fn open<S>(
    shared: &Arc<Shared>,
    socket: S,
    (transport, remote): (Transport, SocketAddr),
    seat: Seat,
) where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let Some((stream, queued)) = shared.streams.open(transport, remote, Peer::Came) else {
        shared.counters.shed.add();
        return;
    };
    let serving = serve(Arc::clone(shared), socket, stream, queued);
    tokio::spawn(async move {
        serving.await;
        drop(seat);
    });
}

async fn serve<S>(
    shared: Arc<Shared>,
    socket: S,
    stream: Arc<Stream>,
    queued: mpsc::Receiver<Bytes>,
) where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let (reading, writing) = tokio::io::split(socket);
    let writer = tokio::spawn(write(writing, queued, Arc::clone(&stream)));
    tokio::select! {
        () = read(&shared, reading, &stream) => {}
        () = stream.until_closed() => {}
    }
    closed(&shared, &stream);
    drop(writer.await);
}

async fn read<S: AsyncRead>(shared: &Arc<Shared>, mut socket: ReadHalf<S>, stream: &Arc<Stream>) {
    let way = Way::Stream(Arc::clone(stream));
    let mut buffer = BytesMut::with_capacity(READ_BYTES);
    let mut out = Outbox::new();
    let mut silence = Silence::of(stream, shared.config.limits.first_message, SILENCE_MAX);
    loop {
        buffer.reserve(READ_BYTES);
        match timeout_at(silence.ends_at(), socket.read_buf(&mut buffer)).await {
            Ok(Ok(1..)) => {}
            Ok(Ok(0) | Err(_)) | Err(_) => return,
        }
        match take_all(shared, &mut buffer, &way, &mut out) {
            Taken::Messages => silence.broken(),
            Taken::Nothing => {}
            Taken::Unusable => return,
        }
        if buffer.len() > MESSAGE_BYTES_MAX {
            return;
        }
    }
}

/// What a buffer held.
enum Taken {
    Messages,
    /// Keep-alives, messages that cannot be read, or part of one.
    Nothing,
    /// The stream cannot go on.
    Unusable,
}

/// Takes every whole message off the buffer.
fn take_all(shared: &Arc<Shared>, buffer: &mut BytesMut, way: &Way, out: &mut Outbox) -> Taken {
    let mut taken = Taken::Nothing;
    loop {
        if shared.flood.is_too_much(way.remote().ip(), shared.moment()) {
            shared.counters.flooded.add();
            return Taken::Unusable;
        }
        match next_message(buffer) {
            Ok(Frame::Message(message)) => {
                taken = Taken::Messages;
                dispatch(shared, message, way, out);
            }
            Ok(Frame::Faulty(error)) => faulty(shared, &error, way, out),
            Ok(Frame::Ping) => out.pong(shared, way),
            Ok(Frame::Pong) => {}
            Ok(Frame::Incomplete) => {
                sip::keepalive::take_pong(buffer);
                return taken;
            }
            Err(error) => {
                faulty(shared, &error.0, way, out);
                return Taken::Unusable;
            }
        }
    }
}

/// Writes what is queued until the connection is closed and the queue is empty.
async fn write<S: AsyncWrite>(
    mut socket: WriteHalf<S>,
    mut queued: mpsc::Receiver<Bytes>,
    stream: Arc<Stream>,
) {
    while let Some(bytes) = queued.recv().await {
        let written = timeout(WRITING_MAX, socket.write_all(&bytes)).await;
        if !matches!(written, Ok(Ok(()))) {
            stream.close();
            break;
        }
    }
    drop(timeout(WRITING_MAX, socket.shutdown()).await);
}
