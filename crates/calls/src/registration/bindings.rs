//! Who is reachable where: all registered devices, in parts by user so that two tasks rarely meet.
//! Whether a device may register is decided in `registrar`, under the user's lock.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use domain::id::{AccountId, Serial};
use foldhash::fast::RandomState as FastHash;
use jiff::Timestamp;

use super::binding::Binding;
use crate::lock::lock;

/// Parts of the table with a lock each. A user's devices are in one.
const SHARDS: usize = 64;

type Devices = Vec<Arc<Binding>>;
type Shard = Mutex<HashMap<Serial, Devices, FastHash>>;

/// Registered devices by user.
#[derive(Debug)]
pub(crate) struct Bindings {
    shards: Vec<Shard>,
    count: AtomicUsize,
    max: usize,
}

impl Bindings {
    pub(crate) fn new(max: usize) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { shards, count: AtomicUsize::new(0), max }
    }

    /// Registered devices of the deployment, expired ones that were not swept included.
    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.count() >= self.max
    }

    /// Looks at or changes a user's devices while nobody else does. Whatever decides about them
    /// must read its snapshot inside: a change publishes first and then removes under this lock,
    /// so that no registration judged by the old snapshot is left over.
    pub(crate) fn with<R>(&self, user: Serial, act: impl FnOnce(&mut Devices) -> R) -> R {
        let Some(shard) = self.shard(user) else { return act(&mut Devices::new()) };
        let mut shard = lock(shard);
        let devices = shard.entry(user).or_default();
        let before = devices.len();
        let result = act(devices);
        let after = devices.len();
        if after == 0 {
            shard.remove(&user);
        }
        self.count.fetch_add(after, Ordering::Relaxed);
        self.count.fetch_sub(before, Ordering::Relaxed);
        result
    }

    /// The user's devices that have not expired, preferred ones first.
    pub(crate) fn of(&self, user: Serial, now: Timestamp) -> Devices {
        let Some(shard) = self.shard(user) else { return Devices::new() };
        let shard = lock(shard);
        let live = shard.get(&user).into_iter().flatten().filter(|it| it.expires_at > now);
        let mut devices: Devices = live.cloned().collect();
        drop(shard);
        devices.sort_by_key(|binding| std::cmp::Reverse(binding.q));
        devices
    }

    /// How many devices of the user have not expired.
    pub(crate) fn count_of(&self, user: Serial, now: Timestamp) -> u16 {
        let Some(shard) = self.shard(user) else { return 0 };
        let shard = lock(shard);
        let live = shard.get(&user).into_iter().flatten().filter(|it| it.expires_at > now);
        u16::try_from(live.count()).unwrap_or(u16::MAX)
    }

    /// Takes a binding in as it was before a restart.
    pub(crate) fn restore(&self, binding: Binding) {
        self.with(binding.user, |devices| devices.push(Arc::new(binding)));
    }

    /// Takes a user's devices out that `goes` says.
    pub(crate) fn remove(&self, user: Serial, goes: impl Fn(&Binding) -> bool) -> Devices {
        self.with(user, |devices| devices.extract_if(.., |it| goes(it)).collect())
    }

    /// Takes out every device that `goes` says, one part of the table after another.
    pub(crate) fn remove_everywhere(&self, goes: impl Fn(&Binding) -> bool) -> Devices {
        let mut gone = Devices::new();
        for shard in &self.shards {
            let before = gone.len();
            let mut shard = lock(shard);
            for devices in shard.values_mut() {
                gone.extend(devices.extract_if(.., |it| goes(it)));
            }
            shard.retain(|_, devices| !devices.is_empty());
            self.count.fetch_sub(gone.len() - before, Ordering::Relaxed);
        }
        gone
    }

    /// Live devices of an account behind a user, ascending, at most `limit` users' worth.
    pub(crate) fn page(
        &self,
        account: AccountId,
        after: Serial,
        limit: usize,
        now: Timestamp,
    ) -> Devices {
        let mut found = Devices::new();
        for shard in &self.shards {
            let shard = lock(shard);
            let behind = shard.iter().filter(|(user, _)| **user > after);
            let of_account = behind.flat_map(|(_, devices)| devices);
            let live = of_account.filter(|it| it.account == account && it.expires_at > now);
            found.extend(live.cloned());
        }
        found.sort_by(|one, two| (one.user, &one.contact).cmp(&(two.user, &two.contact)));
        found.truncate(limit);
        found
    }

    fn shard(&self, user: Serial) -> Option<&Shard> {
        self.shards.get(usize::try_from(user.0).unwrap_or_default() % SHARDS)
    }
}
