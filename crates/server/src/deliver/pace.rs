//! How often and how long a message is tried again. Numbers only.

use std::time::Duration;

/// The pace of retries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Before the second attempt; doubled before each further one.
    pub(crate) first: Duration,
    /// The doubling ends here.
    pub(crate) longest: Duration,
    /// After it a message is given up.
    pub(crate) horizon: Duration,
    pub(crate) attempts_max: u32,
    /// Where the other side answers that it does not want the message.
    pub(crate) refused_attempts_max: u32,
    /// So long a webhook's message that cannot be delivered holds up those behind it, to keep their
    /// order; afterwards they pass it, so that one bad message does not cost a day of them.
    pub(crate) order_held: Duration,
}

impl Pace {
    /// 2 s, 4 s … 34 min, then hourly: a restart costs seconds, a bad weekend night nothing, and
    /// a receiver that is gone is left alone after a day.
    pub(crate) const USUAL: Self = Self {
        first: Duration::from_secs(2),
        longest: Duration::from_hours(1),
        horizon: Duration::from_hours(24),
        attempts_max: 48,
        refused_attempts_max: 6,
        order_held: Duration::from_mins(15),
    };

    /// What to wait after so many attempts, between three and five quarters of the doubled time,
    /// so that many messages that failed together do not come back together.
    pub(crate) fn wait_after(&self, attempts: u32, jitter: u32) -> Duration {
        let doubled = 2u32.saturating_pow(attempts.saturating_sub(1).min(30));
        let wait = self.first.saturating_mul(doubled).min(self.longest);
        let spread = f64::from(jitter) / f64::from(u32::MAX) / 2.0;
        wait.mul_f64(0.75 + spread)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour_and_are_spread() {
        let pace = Pace::USUAL;
        let quarters =
            |seconds: u64, quarters: u64| Duration::from_millis(seconds * 250 * quarters);
        assert_eq!(pace.wait_after(1, 0), quarters(2, 3));
        assert_eq!(pace.wait_after(1, u32::MAX), quarters(2, 5));
        assert_eq!(pace.wait_after(4, 0), quarters(16, 3));
        for attempts in [13, 48, u32::MAX] {
            assert_eq!(pace.wait_after(attempts, 0), quarters(3600, 3));
        }
    }

    #[test]
    fn a_day_of_attempts_fits_the_attempt_limit() {
        let pace = Pace::USUAL;
        let longest: Duration =
            (1..pace.attempts_max).map(|attempts| pace.wait_after(attempts, 0)).sum();
        assert!(longest > pace.horizon, "the horizon ends the attempts, not their number");
    }
}
