//! Datagrams by the dozen: one system call takes in what has come, one sends what is to leave. A fifth
//! of what sending a datagram costs is the call. What is in them is not looked at.

use std::io;
use std::net::SocketAddr;

use sip::message::MESSAGE_BYTES_MAX;
use tokio::net::UdpSocket;

/// Datagrams of one system call: with twice as many, each would cost hardly less.
pub(super) const AT_ONCE: usize = 16;
/// So few are sent one by one: preparing a call for many costs as much as it saves.
const FEW: usize = 2;

/// Room for what has come.
pub(super) struct Inbox {
    buffers: Vec<Vec<u8>>,
    /// Length and sender of each.
    came: Vec<(usize, SocketAddr)>,
}

impl Inbox {
    pub(super) fn new() -> Self {
        // Zeroed memory nobody has written to takes no room.
        let buffers = (0..AT_ONCE).map(|_| vec![0; MESSAGE_BYTES_MAX]).collect();
        Self { buffers, came: Vec::with_capacity(AT_ONCE) }
    }

    /// Takes in what has come, [`AT_ONCE`] at most; how many.
    pub(super) fn receive(&mut self, socket: &UdpSocket) -> io::Result<usize> {
        self.came.clear();
        match many::receive(socket, &mut self.buffers, &mut self.came) {
            Err(error) if self.came.is_empty() => Err(error),
            Ok(()) | Err(_) => Ok(self.came.len()),
        }
    }

    pub(super) fn datagrams(&self) -> impl Iterator<Item = (&[u8], SocketAddr)> {
        let buffers = self.buffers.iter().zip(&self.came);
        buffers.map(|(buffer, (length, from))| (buffer.get(..*length).unwrap_or_default(), *from))
    }
}

/// Datagrams that leave together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    /// Where each goes, and where it ends.
    places: Vec<(SocketAddr, usize)>,
}

impl Batch {
    /// Puts one with the others. One the socket has no room for is lost, as datagrams may be.
    pub(super) fn put(&mut self, socket: &UdpSocket, to: SocketAddr, datagram: &[u8]) {
        self.bytes.extend_from_slice(datagram);
        self.places.push((to, self.bytes.len()));
        if self.places.len() == AT_ONCE {
            self.send(socket);
        }
    }

    /// Sends what there is. Whoever puts datagrams in calls this before he waits for anything.
    pub(super) fn send(&mut self, socket: &UdpSocket) {
        if self.places.is_empty() {
            return;
        }
        let mut start = 0;
        let datagrams = self.places.iter().map(|(to, end)| {
            let datagram = self.bytes.get(start..*end).unwrap_or_default();
            start = *end;
            (datagram, *to)
        });
        if self.places.len() > FEW {
            many::send(socket, datagrams);
        } else {
            datagrams.for_each(|(datagram, to)| send_one(socket, datagram, to));
        }
        self.bytes.clear();
        self.places.clear();
    }
}

fn send_one(socket: &UdpSocket, datagram: &[u8], to: SocketAddr) {
    if let Err(error) = socket.try_send_to(datagram, to) {
        tracing::debug!(remote = %to, %error, "could not send a datagram");
    }
}

#[cfg(target_os = "linux")]
mod many {
    use std::io::{self, IoSlice, IoSliceMut};
    use std::net::SocketAddr;
    use std::os::fd::AsRawFd;

    use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg, sendmmsg};
    use tokio::io::Interest;
    use tokio::net::UdpSocket;

    use super::AT_ONCE;

    pub(super) fn receive(
        socket: &UdpSocket,
        buffers: &mut [Vec<u8>],
        came: &mut Vec<(usize, SocketAddr)>,
    ) -> io::Result<()> {
        let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(buffers.len(), None);
        let mut slices: Vec<_> =
            buffers.iter_mut().map(|buffer| [IoSliceMut::new(buffer)]).collect();
        socket.try_io(Interest::READABLE, || {
            let (socket, flags) = (socket.as_raw_fd(), MsgFlags::MSG_DONTWAIT);
            let received = recvmmsg(socket, &mut headers, slices.iter_mut(), flags, None)?;
            came.extend(received.filter_map(|it| Some((it.bytes, address(&it.address?)?))));
            // Fewer than there is room for: nothing is left, and the system need not be asked once more
            // to say so. What comes from now on wakes us.
            if came.len() < AT_ONCE { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
        })
    }

    pub(super) fn send<'d>(
        socket: &UdpSocket,
        datagrams: impl Iterator<Item = (&'d [u8], SocketAddr)>,
    ) {
        let (slices, places): (Vec<_>, Vec<_>) = datagrams
            .map(|(datagram, to)| ([IoSlice::new(datagram)], Some(SockaddrStorage::from(to))))
            .unzip();
        let mut headers = MultiHeaders::preallocate(AT_ONCE, None);
        let (mut slices, mut places) = (slices.as_slice(), places.as_slice());
        while !slices.is_empty() {
            let sent = socket.try_io(Interest::WRITABLE, || {
                let (socket, flags) = (socket.as_raw_fd(), MsgFlags::MSG_DONTWAIT);
                Ok(sendmmsg(socket, &mut headers, slices, places, [], flags)?.count())
            });
            let gone = match sent {
                Ok(sent) => sent,
                // The first of them could not be sent; the others may.
                Err(error) => {
                    tracing::debug!(%error, "could not send a datagram");
                    1
                }
            };
            slices = slices.get(gone.max(1)..).unwrap_or_default();
            places = places.get(gone.max(1)..).unwrap_or_default();
        }
    }

    fn address(storage: &SockaddrStorage) -> Option<SocketAddr> {
        if let Some(v4) = storage.as_sockaddr_in() {
            return Some(SocketAddr::V4((*v4).into()));
        }
        storage.as_sockaddr_in6().map(|v6| SocketAddr::V6((*v6).into()))
    }
}

/// Where there is no call for many, one after another.
#[cfg(not(target_os = "linux"))]
mod many {
    use std::io;
    use std::net::SocketAddr;

    use tokio::net::UdpSocket;

    pub(super) fn receive(
        socket: &UdpSocket,
        buffers: &mut [Vec<u8>],
        came: &mut Vec<(usize, SocketAddr)>,
    ) -> io::Result<()> {
        for buffer in buffers {
            match socket.try_recv_from(buffer) {
                Ok(one) => came.push(one),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    pub(super) fn send<'d>(
        socket: &UdpSocket,
        datagrams: impl Iterator<Item = (&'d [u8], SocketAddr)>,
    ) {
        datagrams.for_each(|(datagram, to)| super::send_one(socket, datagram, to));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends this many datagrams of unlike lengths to a socket and takes them in again.
    async fn round_trip(ip: &str, count: usize) {
        let sender = UdpSocket::bind((ip, 0)).await.unwrap();
        let receiver = UdpSocket::bind((ip, 0)).await.unwrap();
        let to = receiver.local_addr().unwrap();
        let sent: Vec<Vec<u8>> =
            (0..count).map(|at| vec![u8::try_from(at).unwrap(); at * 37 + 1]).collect();
        let mut batch = Batch::default();
        sender.writable().await.unwrap();
        for datagram in &sent {
            batch.put(&sender, to, datagram);
        }
        batch.send(&sender);

        let from = sender.local_addr().unwrap();
        let mut inbox = Inbox::new();
        let mut came: Vec<Vec<u8>> = Vec::new();
        while came.len() < count {
            receiver.readable().await.unwrap();
            if inbox.receive(&receiver).is_ok() {
                assert!(inbox.datagrams().all(|(_, sender)| sender == from));
                came.extend(inbox.datagrams().map(|(datagram, _)| datagram.to_vec()));
            }
        }
        assert_eq!(came, sent, "{ip}");
    }

    #[tokio::test]
    async fn what_is_sent_together_comes_whole_and_in_order() {
        for count in [1, 2, 3, AT_ONCE, AT_ONCE * 2 + 5] {
            round_trip("127.0.0.1", count).await;
            round_trip("::1", count).await;
        }
    }

    #[tokio::test]
    async fn one_that_cannot_be_sent_does_not_stop_the_others() {
        let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let receiver = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let to = receiver.local_addr().unwrap();
        sender.writable().await.unwrap();
        let mut batch = Batch::default();
        batch.put(&sender, to, b"one");
        // Another family's address.
        batch.put(&sender, "[::1]:9".parse().unwrap(), b"two");
        batch.put(&sender, to, b"three");
        batch.send(&sender);
        let mut buffer = [0; 16];
        for expected in [&b"one"[..], b"three"] {
            let (length, _) = receiver.recv_from(&mut buffer).await.unwrap();
            assert_eq!(&buffer[..length], expected);
        }
    }
}
