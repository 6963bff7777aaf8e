//! What was received and what became of it, for the operator's metrics.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[doc = $about:literal])* $name:ident),+ $(,)?) => {
        #[derive(Debug, Default)]
        pub(crate) struct Counters { $($(#[doc = $about])* pub(crate) $name: Counter),+ }

        /// The counters at one moment.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Counts { $($(#[doc = $about])* pub $name: u64),+ }

        impl Counters {
            pub(crate) fn read(&self) -> Counts {
                Counts { $($name: self.$name.read()),+ }
            }
        }

        impl Counts {
            /// Each with its name and what it counts.
            #[must_use]
            pub fn all(&self) -> Vec<(&'static str, &'static str, u64)> {
                vec![$((stringify!($name), concat!($($about),*), self.$name)),+]
            }
        }
    };
}

counters! {
    /// Requests and responses that could be read.
    received,
    /// Messages that could not be read.
    malformed,
    /// Messages dropped because their source sent too many.
    flooded,
    /// Datagrams and connections that the system failed to hand over.
    receive_failures,
    /// Messages refused or dropped because a table or queue was full.
    shed,
    /// Registrations granted, renewals included.
    registered,
    /// Registrations and calls refused by a rule.
    refused,
    /// Challenges sent.
    challenged,
    /// Digest answers with a wrong password.
    wrong_passwords,
    /// Digest headers used before.
    replayed,
    /// Calls begun.
    calls,
    /// Calls of which nothing is left to do.
    calls_over,
    /// Call records that could not be kept.
    records_lost,
}

/// Counts up; never read to decide anything.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
