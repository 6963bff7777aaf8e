//! How much the outbox holds. Numbers only, each with its reason.

/// Bytes of one message: a change's diff with the longest lists stays below; what is over it is
/// announced without the diff.
pub(crate) const MESSAGE_BYTES_MAX: usize = 256 * 1024;
/// Attempts at once, over all lanes: each is a thread that mostly waits for somebody else.
pub(crate) const ATTEMPTS_AT_ONCE: usize = 16;
/// Days an ended message stays in the log.
pub(crate) const LOG_DAYS: i64 = 7;

/// Messages held at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Waiting messages of one webhook, give or take one reading of the log: further changes stay
    /// in the log until some of them are through.
    pub(crate) waiting_of_webhook: usize,
    /// Waiting messages of one account: ten webhooks whose receivers are down. Over it the oldest
    /// fails.
    pub(crate) waiting_of_account: usize,
    /// Waiting messages of all: some hundred bytes each in memory and on disk.
    pub(crate) waiting: usize,
    /// Ended messages kept for each webhook, and each account's mail and SMS: what a person reads.
    pub(crate) logged_of_lane: usize,
    pub(crate) logged: usize,
}

impl Limits {
    pub(crate) const USUAL: Self = Self {
        waiting_of_webhook: 1_000,
        waiting_of_account: 10_000,
        waiting: 50_000,
        logged_of_lane: 200,
        logged: 20_000,
    };
}
