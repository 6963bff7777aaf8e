//! The timers of the machines and how long they run.
//! When they fire is kept in `queue`.

use std::time::Duration;

use super::Delivery;

/// A transaction's timers by what they are for; RFC 3261 has a letter for each machine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// Send again: A and E of clients, G of an INVITE server.
    Retransmit,
    /// Give up: B and F of clients, H of an INVITE server.
    Timeout,
    /// Wait for stragglers before ending: D, K, M of clients, I, J, L of servers.
    Linger,
}

/// The base values of RFC 3261 section 17 (table 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timers {
    /// T1: the round-trip time estimate and first retransmission interval.
    pub t1: Duration,
    /// T2: the longest retransmission interval outside INVITE clients.
    pub t2: Duration,
    /// T4: the longest time a message stays in the network.
    pub t4: Duration,
    /// Timer J over unreliable transports: how long a final answer is kept for retransmitted
    /// requests. The RFC has 64*T1; a busy registrar may trade memory for a shorter one.
    pub answer_kept: Duration,
}

impl Default for Timers {
    fn default() -> Self {
        let t1 = Duration::from_millis(500);
        let (t2, t4) = (Duration::from_secs(4), Duration::from_secs(5));
        Self { t1, t2, t4, answer_kept: t1 * 64 }
    }
}

impl Timers {
    /// 64*T1: timers B, F, H, L and M, and how long a 2xx is sent again (section 13.3.1.4).
    pub fn patience(&self) -> Duration {
        self.t1 * 64
    }

    /// Timer D: at least 32 seconds over unreliable transports (RFC 3261 section 17.1.1.2).
    pub(super) fn d(&self, delivery: Delivery) -> Duration {
        unless_reliable(delivery, self.patience().max(Duration::from_secs(32)))
    }

    /// Timers I and K (RFC 3261 sections 17.2.1 and 17.1.2.2).
    pub(super) fn i_and_k(&self, delivery: Delivery) -> Duration {
        unless_reliable(delivery, self.t4)
    }

    /// Timer J (RFC 3261 section 17.2.2).
    pub(super) fn j(&self, delivery: Delivery) -> Duration {
        unless_reliable(delivery, self.answer_kept)
    }
}

fn unless_reliable(delivery: Delivery, duration: Duration) -> Duration {
    match delivery {
        Delivery::Reliable => Duration::ZERO,
        Delivery::Unreliable => duration,
    }
}
