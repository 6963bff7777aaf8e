//! What is known of the other sides of trunks. Written by the task that asks them, read wherever a
//! call looks for a way out.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use domain::call::{Reach, Unanswered};
use domain::resource::Trunk;
use jiff::Timestamp;
use sip::Message;
use tokio::sync::mpsc;

use super::place::Place;
use crate::listener::{Peer, Stream};
use crate::lock::lock;

/// Questions unanswered in a row that make the other side unreachable: one may be lost.
const FAILURES_MAX: u8 = 2;

/// What the task that asks is told.
pub(crate) enum ProbeEvent {
    /// Addresses were looked up for this attempt.
    Resolved(u64, Vec<SocketAddr>),
    Answer(Message),
    /// A connection that we had opened is gone.
    Closed(u64),
}

/// The other sides of trunks, by place.
#[derive(Debug, Default)]
pub(crate) struct States {
    places: Mutex<HashMap<Place, Judged>>,
    /// Where answers go; unset where nobody asks.
    prober: OnceLock<mpsc::Sender<ProbeEvent>>,
}

#[derive(Clone, Debug, Default)]
struct Judged {
    reach: Reach,
    /// Unanswered since the last answer.
    failures: u8,
    /// Addresses that did not answer when another did.
    silent: Vec<SocketAddr>,
}

impl States {
    pub(crate) fn listen(&self, prober: mpsc::Sender<ProbeEvent>) {
        // Set once, at the start.
        let _ = self.prober.set(prober);
    }

    /// Hands something to the task that asks; false when it is behind, or there is none.
    pub(crate) fn tell(&self, event: ProbeEvent) -> bool {
        self.prober.get().is_some_and(|prober| prober.try_send(event).is_ok())
    }

    /// A connection is over. Phones' own are nothing to trunks.
    pub(crate) fn closed(&self, stream: &Stream) {
        if stream.peer != Peer::Came {
            self.tell(ProbeEvent::Closed(stream.id));
        }
    }

    pub(crate) fn reach(&self, trunk: &Trunk) -> Reach {
        lock(&self.places).get(&Place::of(trunk)).map(|it| it.reach).unwrap_or_default()
    }

    /// Puts addresses that did not answer lately behind the others; none is left out.
    pub(crate) fn put_silent_last(&self, place: &Place, addresses: &mut [SocketAddr]) {
        if let Some(judged) = lock(&self.places).get(place) {
            addresses.sort_by_key(|address| judged.silent.contains(address));
        }
    }

    /// Takes in what a question came to, and which addresses were asked in vain before; how it
    /// stands now, and whether that is news.
    pub(super) fn judge(
        &self,
        place: &Place,
        (outcome, silent): (Result<Duration, Unanswered>, Vec<SocketAddr>),
        now: Timestamp,
    ) -> (Reach, bool) {
        let mut places = lock(&self.places);
        let judged = places.entry(place.clone()).or_default();
        let before = judged.reach;
        judged.take(outcome, now);
        judged.silent = if outcome.is_ok() { silent } else { Vec::new() };
        (judged.reach, before.word() != judged.reach.word())
    }

    /// No trunk leads there any more.
    pub(super) fn forget(&self, place: &Place) {
        lock(&self.places).remove(place);
    }
}

impl Judged {
    fn take(&mut self, outcome: Result<Duration, Unanswered>, now: Timestamp) {
        match outcome {
            Ok(round_trip) => {
                let since = match self.reach {
                    Reach::Reachable { since, .. } => since,
                    Reach::Unknown | Reach::Unreachable { .. } => now,
                };
                self.reach = Reach::Reachable { since, round_trip };
                self.failures = 0;
            }
            Err(reason) => {
                self.failures = self.failures.saturating_add(1);
                let since = match self.reach {
                    Reach::Unreachable { since, .. } => since,
                    Reach::Unknown | Reach::Reachable { .. } => now,
                };
                if self.failures >= FAILURES_MAX {
                    self.reach = Reach::Unreachable { since, reason };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(20);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn one_lost_question_changes_nothing_and_a_second_does() {
        let mut judged = Judged::default();
        judged.take(Err(Unanswered::Silent), at(1));
        assert_eq!(judged.reach, Reach::Unknown);
        judged.take(Ok(SHORT), at(2));
        judged.take(Err(Unanswered::Silent), at(3));
        assert_eq!(judged.reach, Reach::Reachable { since: at(2), round_trip: SHORT });
        judged.take(Err(Unanswered::Declined(503)), at(4));
        let reason = Unanswered::Declined(503);
        assert_eq!(judged.reach, Reach::Unreachable { since: at(4), reason });
    }

    #[test]
    fn a_state_keeps_the_moment_it_began() {
        let mut judged = Judged::default();
        judged.take(Ok(SHORT), at(1));
        judged.take(Ok(SHORT * 2), at(2));
        assert_eq!(judged.reach, Reach::Reachable { since: at(1), round_trip: SHORT * 2 });
        for second in 3..6 {
            judged.take(Err(Unanswered::NotConnected), at(second));
        }
        let reason = Unanswered::NotConnected;
        assert_eq!(judged.reach, Reach::Unreachable { since: at(4), reason });
        judged.take(Ok(SHORT), at(7));
        assert_eq!(judged.reach, Reach::Reachable { since: at(7), round_trip: SHORT });
    }
}
