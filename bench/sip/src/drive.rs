//! Keeps operations going: as many a second as asked, or as many as are answered.
//! Which messages an operation is made of is the work's business.

use std::collections::VecDeque;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

/// After so long an operation counts as failed.
const PATIENCE: Duration = Duration::from_secs(5);
/// Pause when there is nothing to do; a busy loop would warm the machine the server runs on.
const PAUSE: Duration = Duration::from_micros(50);
/// Messages taken before operations are begun again.
const TAKEN_MAX: usize = 64;

/// One kind of operation on one set of phones.
pub(crate) trait Work {
    /// Sends the first message of an operation; numbers count up from 0. An earlier operation of
    /// the same phone that was never answered is forgotten.
    fn begin(&mut self, number: u64) -> io::Result<()>;
    /// Takes the next message there is and sends what follows from it.
    fn take(&mut self) -> io::Result<Step>;
}

/// What one look at the sockets came to.
pub(crate) enum Step {
    /// Nothing has arrived.
    Idle,
    /// Something arrived that did not end an operation.
    Underway,
    Completed,
    /// An operation ended otherwise than it should: by this message.
    Failed(String),
}

#[derive(Clone, Copy)]
pub(crate) struct Pace {
    /// Operations begun a second; none: whenever one ends.
    pub(crate) rate: Option<u32>,
    /// Operations under way at most.
    pub(crate) at_once: usize,
    /// Operations begun at most.
    pub(crate) count: u64,
    /// None is begun after this.
    pub(crate) duration: Duration,
}

#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) completed: u64,
    pub(crate) failed: u64,
    /// The first message that should not have come.
    pub(crate) surprise: Option<String>,
    /// Until the last operation completed.
    pub(crate) elapsed: Duration,
}

/// Begins operations for as long as the pace says, and returns when the last has ended.
pub(crate) fn drive(work: &mut impl Work, pace: &Pace) -> io::Result<Done> {
    let start = Instant::now();
    let mut done = Done::default();
    // In the order they were begun, which is the order their patience ends in.
    let mut begun: VecDeque<Instant> = VecDeque::new();
    let mut number = 0;
    loop {
        let now = Instant::now();
        let elapsed = now - start;
        let ended = done.completed + done.failed;
        let is_over = elapsed >= pace.duration || number >= pace.count;
        if is_over && ended >= number {
            return Ok(done);
        }
        let due = pace.due(elapsed).min(pace.count).min(ended + pace.at_once as u64);
        while !is_over && number < due {
            work.begin(number)?;
            begun.push_back(now);
            number += 1;
        }
        if !take_some(work, start, &mut done)? {
            pause();
        }
        give_up(&mut begun, number, now, &mut done);
    }
}

impl Pace {
    /// How many operations should have begun by now.
    fn due(&self, elapsed: Duration) -> u64 {
        let rate = |rate: u32| elapsed.as_micros() * u128::from(rate) / 1_000_000;
        self.rate.map_or(u64::MAX, |it| u64::try_from(rate(it)).unwrap_or(u64::MAX))
    }
}

/// Whether anything had arrived.
fn take_some(work: &mut impl Work, start: Instant, done: &mut Done) -> io::Result<bool> {
    for taken in 0..TAKEN_MAX {
        match work.take()? {
            Step::Idle => return Ok(taken > 0),
            Step::Underway => {}
            Step::Completed => {
                done.completed += 1;
                done.elapsed = start.elapsed();
            }
            Step::Failed(message) => {
                done.failed += 1;
                done.surprise.get_or_insert(message);
            }
        }
    }
    Ok(true)
}

/// Operations end in nearly the order they began, so those under way are the youngest. When they
/// are overdue, nothing ends any more and all of them have failed.
fn give_up(begun: &mut VecDeque<Instant>, number: u64, now: Instant, done: &mut Done) {
    let under_way = number - done.completed - done.failed;
    while begun.len() as u64 > under_way {
        begun.pop_front();
    }
    if begun.front().is_some_and(|begun| now - *begun > PATIENCE) {
        done.failed += under_way;
        done.surprise.get_or_insert_with(|| "no answer".to_owned());
    }
}

#[expect(clippy::disallowed_methods, reason = "a load keeps to real time")]
fn pause() {
    thread::sleep(PAUSE);
}
