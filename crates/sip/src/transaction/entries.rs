//! The transactions of a table, found by number and by key.
//! What they do is not known here.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;
use slab::Slab;

use super::TransactionId;

/// Transactions by id and by key. A key is hashed once for each message: the hash stands beside it.
#[derive(Debug)]
pub(super) struct Entries<T> {
    /// Boxed, so that growing moves little and what is freed can be used by anybody.
    slots: Slab<Box<Slot<T>>>,
    by_key: HashTable<usize>,
    /// Peers choose the keys, so their hash must not be guessed.
    hasher: RandomState,
    /// Tells apart the transactions that stand in one place after another.
    last_serial: u32,
}

#[derive(Debug)]
struct Slot<T> {
    key: Box<[u8]>,
    hash: u64,
    serial: u32,
    value: T,
}

impl<T> Entries<T> {
    pub(super) fn new() -> Self {
        Self {
            slots: Slab::new(),
            by_key: HashTable::new(),
            hasher: RandomState::new(),
            last_serial: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// What a key is looked up with.
    pub(super) fn hash(&self, key: &[u8]) -> u64 {
        self.hasher.hash_one(key)
    }

    pub(super) fn find(&self, key: &[u8], hash: u64) -> Option<TransactionId> {
        let is_it = |at: &usize| self.slots.get(*at).is_some_and(|slot| *slot.key == *key);
        let at = *self.by_key.find(hash, is_it)?;
        Some(id(at, self.slots.get(at)?.serial))
    }

    /// Takes one in under a key that is not there yet.
    pub(super) fn insert(&mut self, key: &[u8], hash: u64, value: T) -> TransactionId {
        self.last_serial = self.last_serial.wrapping_add(1);
        let serial = self.last_serial;
        let at = self.slots.insert(Box::new(Slot { key: key.into(), hash, serial, value }));
        let slots = &self.slots;
        let hash_of = |at: &usize| slots.get(*at).map_or(0, |slot| slot.hash);
        self.by_key.insert_unique(hash, at, hash_of);
        id(at, serial)
    }

    pub(super) fn get(&self, id: TransactionId) -> Option<&T> {
        let slot = self.slots.get(place(id))?;
        (slot.serial == serial(id)).then_some(&slot.value)
    }

    pub(super) fn get_mut(&mut self, id: TransactionId) -> Option<&mut T> {
        let slot = self.slots.get_mut(place(id))?;
        (slot.serial == serial(id)).then_some(&mut slot.value)
    }

    pub(super) fn remove(&mut self, id: TransactionId) {
        if self.get(id).is_none() {
            return;
        }
        let slot = self.slots.remove(place(id));
        if let Ok(found) = self.by_key.find_entry(slot.hash, |at| *at == place(id)) {
            found.remove();
        }
    }
}

/// The place in the lower half, the serial in the upper.
fn id(at: usize, serial: u32) -> TransactionId {
    TransactionId(u64::from(serial) << 32 | at as u64)
}

fn place(id: TransactionId) -> usize {
    usize::try_from(id.0 & u64::from(u32::MAX)).unwrap_or(usize::MAX)
}

fn serial(id: TransactionId) -> u32 {
    u32::try_from(id.0 >> 32).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_never_that_of_a_later_transaction() {
        let mut entries = Entries::new();
        let hash = entries.hash(b"a");
        let first = entries.insert(b"a", hash, 1);
        entries.remove(first);
        assert_eq!(entries.find(b"a", hash), None);
        let second = entries.insert(b"a", hash, 2);
        assert_ne!(first, second);
        assert_eq!((entries.get(first), entries.get(second)), (None, Some(&2)));
        entries.remove(first);
        assert_eq!((entries.len(), entries.find(b"a", hash)), (1, Some(second)));
    }

    #[test]
    fn many_are_found_by_their_keys() {
        let mut entries = Entries::new();
        let keys: Vec<_> = (0..1000_u32).map(u32::to_be_bytes).collect();
        let ids: Vec<_> =
            keys.iter().map(|key| entries.insert(key, entries.hash(key), *key)).collect();
        for (id, key) in ids.iter().zip(&keys) {
            assert_eq!(entries.find(key, entries.hash(key)), Some(*id));
        }
    }
}
