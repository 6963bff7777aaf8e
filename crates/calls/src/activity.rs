//! How many calls each user is on, and what he did today: what ring strategies and limits ask.
//! Kept in memory; after a restart it is gathered from the records of calls.

use std::collections::HashMap;
use std::sync::Mutex;

use domain::call::CallRecord;
use domain::id::{Serial, TeamId, TrunkId};
use domain::policy::RingStatistics;
use foldhash::fast::RandomState as FastHash;
use jiff::Timestamp;

use crate::lock::lock;

/// Parts of the table with a lock each.
const SHARDS: usize = 16;
const DAY_SECONDS: i64 = 86_400;

#[derive(Debug)]
pub(crate) struct Activity {
    users: Vec<Mutex<HashMap<Serial, Doing, FastHash>>>,
    /// Who was rung first for each team's last call: one entry a team.
    rung_first: Mutex<HashMap<TeamId, Serial>>,
    /// Calls each trunk carries.
    trunks: Mutex<HashMap<TrunkId, u16>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Doing {
    calls: u16,
    answered: u32,
    /// The day `answered` counts, in days since 1970, UTC.
    day: i64,
    idle_since: Option<Timestamp>,
}

impl Activity {
    pub(crate) fn new() -> Self {
        let users = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { users, rung_first: Mutex::default(), trunks: Mutex::default() }
    }

    pub(crate) fn calls(&self, user: Serial) -> u16 {
        self.with(user, |doing| doing.calls)
    }

    /// Counts one more call, and says how many there were before. Counting first and judging then
    /// keeps two calls at the same moment from both being the last one allowed.
    pub(crate) fn begin(&self, user: Serial) -> u16 {
        self.with(user, |doing| {
            let before = doing.calls;
            doing.calls = before.saturating_add(1);
            before
        })
    }

    pub(crate) fn end(&self, user: Serial) {
        self.with(user, |doing| doing.calls = doing.calls.saturating_sub(1));
    }

    pub(crate) fn answered(&self, user: Serial, now: Timestamp) {
        let today = day_of(now);
        self.with(user, |doing| {
            let before = if doing.day == today { doing.answered } else { 0 };
            // A call of an earlier day that is only heard of now says nothing about today.
            if doing.day <= today {
                (doing.day, doing.answered) = (today, before + 1);
            }
        });
    }

    /// A call the user talked in is over.
    pub(crate) fn talked(&self, user: Serial, now: Timestamp) {
        self.with(user, |doing| doing.idle_since = doing.idle_since.max(Some(now)));
    }

    /// What a call of before the restart says. Newest first: who was rung first for a team is kept
    /// from the first that is heard of.
    pub(crate) fn recall(&self, record: &CallRecord) {
        let talked = record.legs.iter().filter(|leg| leg.answered_at.is_some());
        for user in talked.filter_map(|leg| leg.user) {
            self.talked(user, record.ended_at);
        }
        // The first leg is the caller's.
        let mut called = record.legs.iter().skip(1).filter_map(|leg| Some((leg.user?, leg)));
        if let Some((team, (first, _))) = record.team.zip(called.clone().next()) {
            lock(&self.rung_first).entry(team).or_insert(first);
        }
        if let Some((user, at)) = called.find_map(|(user, leg)| Some((user, leg.answered_at?))) {
            self.answered(user, at);
        }
    }

    pub(crate) fn statistics(&self, user: Serial, now: Timestamp) -> RingStatistics {
        let today = day_of(now);
        self.with(user, |doing| RingStatistics {
            answered_today: if doing.day == today { doing.answered } else { 0 },
            idle_since: doing.idle_since,
        })
    }

    pub(crate) fn rung_first_last(&self, team: TeamId) -> Option<Serial> {
        lock(&self.rung_first).get(&team).copied()
    }

    pub(crate) fn rung_first(&self, team: TeamId, user: Serial) {
        lock(&self.rung_first).insert(team, user);
    }

    /// Counts one more call of a trunk, unless it carries as many as it may (0: any).
    pub(crate) fn begin_trunk(&self, trunk: TrunkId, max: u16) -> bool {
        let mut trunks = lock(&self.trunks);
        let calls = trunks.entry(trunk).or_default();
        let room = max == 0 || *calls < max;
        if room {
            *calls = calls.saturating_add(1);
        }
        room
    }

    /// Calls a trunk carries now.
    pub(crate) fn trunk_calls(&self, trunk: TrunkId) -> u16 {
        lock(&self.trunks).get(&trunk).copied().unwrap_or_default()
    }

    pub(crate) fn end_trunk(&self, trunk: TrunkId) {
        if let Some(calls) = lock(&self.trunks).get_mut(&trunk) {
            *calls = calls.saturating_sub(1);
        }
    }

    fn with<R>(&self, user: Serial, act: impl FnOnce(&mut Doing) -> R) -> R {
        let at = usize::try_from(user.0).unwrap_or_default() % SHARDS;
        match self.users.get(at) {
            Some(users) => act(lock(users).entry(user).or_default()),
            None => act(&mut Doing::default()),
        }
    }
}

/// Days since 1970, UTC.
fn day_of(moment: Timestamp) -> i64 {
    moment.as_second().div_euclid(DAY_SECONDS)
}
