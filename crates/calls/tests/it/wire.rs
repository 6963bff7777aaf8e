//! How a test phone's bytes travel: UDP, TCP, TLS, or the two queues of a WebSocket.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use sip::Message;
use sip::message::{Frame, next_message};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::tls;

/// A test that waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection, encrypted or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

pub(crate) enum Wire {
    Udp {
        socket: UdpSocket,
        server: SocketAddr,
    },
    Stream {
        stream: Box<dyn Stream>,
        transport: &'static str,
        address: SocketAddr,
        buffer: BytesMut,
    },
    WebSocket {
        to: mpsc::Sender<Bytes>,
        from: mpsc::Receiver<Bytes>,
        address: SocketAddr,
    },
}

impl Wire {
    pub(crate) async fn udp(server: SocketAddr) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        Self::Udp { socket, server }
    }

    pub(crate) async fn tcp(server: SocketAddr) -> Self {
        Self::over_tcp(TcpStream::connect(server).await.unwrap())
    }

    /// A connection over TLS to a server that must show this certificate.
    pub(crate) async fn tls(server: SocketAddr, certificate: &str) -> Self {
        let socket = TcpStream::connect(server).await.unwrap();
        let address = socket.local_addr().unwrap();
        let name = tokio_rustls::rustls::pki_types::ServerName::from(server.ip());
        let stream = tls::connector(certificate).connect(name, socket).await.unwrap();
        Self::Stream {
            stream: Box::new(stream),
            transport: "TLS",
            address,
            buffer: BytesMut::new(),
        }
    }

    /// The next connection somebody opens to this listener.
    pub(crate) async fn accepted(listener: &TcpListener) -> Self {
        let (socket, _) = timeout(PATIENCE, listener.accept()).await.expect("nobody came").unwrap();
        Self::over_tcp(socket)
    }

    /// The same over TLS with this certificate; `None` when the other side does not want it.
    pub(crate) async fn accepted_tls(listener: &TcpListener, certificate: &str) -> Option<Self> {
        let (socket, _) = timeout(PATIENCE, listener.accept()).await.expect("nobody came").unwrap();
        let address = socket.local_addr().unwrap();
        let stream = tls::acceptor(certificate).accept(socket).await.ok()?;
        let stream = Box::new(stream);
        Some(Self::Stream { stream, transport: "TLS", address, buffer: BytesMut::new() })
    }

    fn over_tcp(socket: TcpStream) -> Self {
        let address = socket.local_addr().unwrap();
        Self::Stream {
            stream: Box::new(socket),
            transport: "TCP",
            address,
            buffer: BytesMut::new(),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        match self {
            Self::Udp { socket, .. } => socket.local_addr().unwrap(),
            Self::Stream { address, .. } | Self::WebSocket { address, .. } => *address,
        }
    }

    pub(crate) fn transport(&self) -> &'static str {
        match self {
            Self::Udp { .. } => "UDP",
            Self::Stream { transport, .. } => transport,
            Self::WebSocket { .. } => "WS",
        }
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        match self {
            Self::Udp { socket, server } => {
                socket.send_to(bytes, *server).await.unwrap();
            }
            Self::Stream { stream, .. } => {
                stream.write_all(bytes).await.unwrap();
                stream.flush().await.unwrap();
            }
            Self::WebSocket { to, .. } => to.send(Bytes::copy_from_slice(bytes)).await.unwrap(),
        }
    }

    /// The next message; keep-alives are passed over. `None` when the connection is closed.
    pub(crate) async fn receive(&mut self) -> Option<Message> {
        timeout(PATIENCE, self.next()).await.expect("nothing arrived")
    }

    /// Whether nothing arrives for a while.
    pub(crate) async fn is_silent(&mut self) -> bool {
        timeout(Duration::from_millis(150), self.next()).await.is_err()
    }

    async fn next(&mut self) -> Option<Message> {
        match self {
            Self::Udp { socket, .. } => {
                let mut buffer = vec![0; 65_535];
                let (length, _) = socket.recv_from(&mut buffer).await.unwrap();
                Some(Message::parse_copy(&buffer[..length]).unwrap())
            }
            Self::Stream { stream, buffer, .. } => loop {
                match next_message(buffer).unwrap() {
                    Frame::Message(message) => return Some(message),
                    Frame::Faulty(error) => panic!("{error}"),
                    Frame::Ping | Frame::Pong => {}
                    Frame::Incomplete => {
                        if stream.read_buf(buffer).await.unwrap_or(0) == 0 {
                            return None;
                        }
                    }
                }
            },
            Self::WebSocket { from, .. } => Some(Message::parse(from.recv().await?).unwrap()),
        }
    }
}
