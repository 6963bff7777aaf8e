//! How a test phone's bytes travel: UDP, TCP, or the two queues of a WebSocket.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use sip::Message;
use sip::message::{Frame, next_message};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// A test that waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) enum Wire {
    Udp { socket: UdpSocket, server: SocketAddr },
    Tcp { stream: TcpStream, buffer: BytesMut },
    WebSocket { to: mpsc::Sender<Bytes>, from: mpsc::Receiver<Bytes>, address: SocketAddr },
}

impl Wire {
    pub(crate) async fn udp(server: SocketAddr) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        Self::Udp { socket, server }
    }

    pub(crate) async fn tcp(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).await.unwrap();
        Self::Tcp { stream, buffer: BytesMut::new() }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        match self {
            Self::Udp { socket, .. } => socket.local_addr().unwrap(),
            Self::Tcp { stream, .. } => stream.local_addr().unwrap(),
            Self::WebSocket { address, .. } => *address,
        }
    }

    pub(crate) fn transport(&self) -> &'static str {
        match self {
            Self::Udp { .. } => "UDP",
            Self::Tcp { .. } => "TCP",
            Self::WebSocket { .. } => "WS",
        }
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        match self {
            Self::Udp { socket, server } => {
                socket.send_to(bytes, *server).await.unwrap();
            }
            Self::Tcp { stream, .. } => stream.write_all(bytes).await.unwrap(),
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
            Self::Tcp { stream, buffer } => loop {
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
