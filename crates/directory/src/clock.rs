//! The one place that asks what time it is. Everything else takes the time as an argument.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// The machine's clock, or in tests one that is set by hand.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Microseconds since 1970, where the clock is set by hand.
    by_hand: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The machine's own clock.
    #[must_use]
    pub fn system() -> Self {
        Self { by_hand: None }
    }

    /// A clock that stands still until it is set.
    #[must_use]
    pub fn by_hand(start: Timestamp) -> Self {
        Self { by_hand: Some(Arc::new(AtomicI64::new(start.as_microsecond()))) }
    }

    /// Sets a clock made by `by_hand`; the machine's own is left alone.
    pub fn set(&self, now: Timestamp) {
        if let Some(by_hand) = &self.by_hand {
            by_hand.store(now.as_microsecond(), Ordering::SeqCst);
        }
    }

    /// Now, in whole microseconds: what the store can keep.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
    pub fn now(&self) -> Timestamp {
        let micros = match &self.by_hand {
            Some(by_hand) => by_hand.load(Ordering::SeqCst),
            None => Timestamp::now().as_microsecond(),
        };
        Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}
