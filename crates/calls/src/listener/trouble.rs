//! A socket that fails again and again: how long to leave it alone, and when to say so. Which socket,
//! and what failed, is not known here.

use std::sync::Mutex;
use std::time::Duration;

use sip::Moment;

use crate::lock::lock;

/// Failures in a row that cost no pause: a datagram of ours that found no port comes back as one.
const PASSING_MAX: u32 = 16;
/// The pause after the first that is more than passing; it doubles from there.
const PAUSE_MIN: Duration = Duration::from_millis(1);
/// The longest: phones that ask again in the meantime hardly notice.
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// From one log line to the next.
const QUIET: Duration = Duration::from_mins(1);

/// The failures in a row of one task at one socket.
#[derive(Debug, Default)]
pub(super) struct Failing {
    in_a_row: u32,
}

impl Failing {
    /// It failed once more; how long to leave it alone now.
    pub(super) fn pause(&mut self) -> Duration {
        self.in_a_row = self.in_a_row.saturating_add(1);
        match self.in_a_row.checked_sub(PASSING_MAX + 1) {
            None => Duration::ZERO,
            Some(more) => PAUSE_MIN.saturating_mul(1 << more.min(10)).min(PAUSE_MAX),
        }
    }

    pub(super) fn is_over(&mut self) {
        self.in_a_row = 0;
    }
}

/// Keeps the log readable while something fails all the time: a line a minute, with a number.
#[derive(Debug, Default)]
pub(crate) struct Complaint(Mutex<Heard>);

#[derive(Debug, Default)]
struct Heard {
    said_at: Option<Moment>,
    unsaid: u64,
}

impl Complaint {
    /// One more failure; how many there were since the last line where it is time for one.
    pub(super) fn is_due(&self, now: Moment) -> Option<u64> {
        let mut heard = lock(&self.0);
        heard.unsaid += 1;
        if heard.said_at.is_some_and(|said_at| now < said_at + QUIET) {
            return None;
        }
        heard.said_at = Some(now);
        Some(std::mem::take(&mut heard.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passing_failure_costs_nothing_and_a_lasting_one_more_and_more() {
        let mut failing = Failing::default();
        let passing: Duration = (0..PASSING_MAX).map(|_| failing.pause()).sum();
        assert_eq!(passing, Duration::ZERO);
        let pauses: Vec<_> = (0..4).map(|_| failing.pause().as_millis()).collect();
        assert_eq!(pauses, [1, 2, 4, 8]);
        let longest = (0..100).map(|_| failing.pause()).max();
        assert_eq!(longest, Some(PAUSE_MAX));
        failing.is_over();
        assert_eq!(failing.pause(), Duration::ZERO);
    }

    #[test]
    fn the_log_hears_of_it_once_a_minute_with_how_often() {
        let complaint = Complaint::default();
        assert_eq!(complaint.is_due(Moment::ZERO), Some(1));
        let soon = (1..QUIET.as_secs()).map(Duration::from_secs);
        assert!(soon.into_iter().all(|at| complaint.is_due(at).is_none()));
        assert_eq!(complaint.is_due(QUIET), Some(QUIET.as_secs()));
        assert_eq!(complaint.is_due(QUIET), None);
    }
}
