//! The hash chain over an account's log of changes: how a link is hashed, and where each chain ends.
//! It deliberately keeps no key: whoever may write the whole file can write a new chain, and only a copy
//! elsewhere tells. What it shows is a row altered, added, removed or moved.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{change, db::Connection, error::StoreError, row::ChangeRow};

/// What stands before an account's first change.
pub(crate) const NO_HASH: [u8; 32] = [0; 32];

/// Begins every hashed text, so that a later encoding can never give the hash of this one.
const ENCODING: &[u8] = b"rollcall change 1";

/// One change with everything its hash covers, borrowed from where it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link<'a> {
    pub(crate) sequence: u64,
    pub(crate) account_id: &'a Uuid,
    pub(crate) subject: &'a Uuid,
    pub(crate) subject_kind: &'a str,
    pub(crate) version: u32,
    pub(crate) at: i64,
    pub(crate) caller: &'a str,
    pub(crate) dialect: &'a str,
    pub(crate) address: Option<&'a str>,
    pub(crate) diff: &'a str,
    pub(crate) body: &'a str,
    pub(crate) previous_hash: &'a [u8; 32],
}

impl<'a> Link<'a> {
    pub(crate) fn of(row: &'a ChangeRow) -> Self {
        Self {
            sequence: row.sequence,
            account_id: &row.account_id,
            subject: &row.subject,
            subject_kind: &row.subject_kind,
            version: row.version,
            at: row.at,
            caller: &row.caller,
            dialect: &row.dialect,
            address: row.address.as_deref(),
            diff: &row.diff,
            body: &row.body,
            previous_hash: &row.previous_hash,
        }
    }

    /// SHA-256 over the encoding's name, then every column in the order of the struct, but the previous hash
    /// first. Each is its length in bytes (eight bytes, big end first) and its bytes. Numbers are eight bytes,
    /// big end first; ids their sixteen bytes; text its UTF-8. A missing address is the length of all ones.
    pub(crate) fn hash(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(ENCODING);
        field(&mut hasher, self.previous_hash);
        field(&mut hasher, &self.sequence.to_be_bytes());
        field(&mut hasher, self.account_id.as_bytes());
        field(&mut hasher, self.subject.as_bytes());
        field(&mut hasher, self.subject_kind.as_bytes());
        field(&mut hasher, &u64::from(self.version).to_be_bytes());
        field(&mut hasher, &self.at.to_be_bytes());
        field(&mut hasher, self.caller.as_bytes());
        field(&mut hasher, self.dialect.as_bytes());
        match self.address {
            Some(address) => field(&mut hasher, address.as_bytes()),
            None => hasher.update([0xff; 8]),
        }
        field(&mut hasher, self.diff.as_bytes());
        field(&mut hasher, self.body.as_bytes());
        hasher.finalize().into()
    }
}

fn field(hasher: &mut Sha256, bytes: &[u8]) {
    let length = bytes.len() as u64;
    hasher.update(length.to_be_bytes());
    hasher.update(bytes);
}

/// Where every chain ends, with what an open transaction has added and can still lose.
#[derive(Debug)]
pub(crate) struct Chains {
    sequence: u64,
    heads: HashMap<Uuid, [u8; 32]>,
    /// What stood before each step of the open transaction, oldest first.
    undo: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    account_id: Uuid,
    head_before: [u8; 32],
}

/// A moment in the open transaction to return to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(usize);

impl Chains {
    pub(crate) fn load(connection: &Connection) -> Result<Self, StoreError> {
        let sequence = change::newest_sequence(connection)?;
        Ok(Self { sequence, heads: HashMap::new(), undo: Vec::new() })
    }

    pub(crate) fn next_sequence(&self) -> u64 {
        self.sequence + 1
    }

    /// The hash the account's next change builds on.
    pub(crate) fn head(
        &mut self,
        connection: &Connection,
        account_id: &Uuid,
    ) -> Result<[u8; 32], StoreError> {
        if let Some(head) = self.heads.get(account_id) {
            return Ok(*head);
        }
        let head = change::newest_hash(connection, account_id)?.unwrap_or(NO_HASH);
        self.heads.insert(*account_id, head);
        Ok(head)
    }

    /// Puts a link at the end of its chain.
    pub(crate) fn add(&mut self, link: &Link<'_>, hash: [u8; 32]) {
        self.sequence = link.sequence;
        self.heads.insert(*link.account_id, hash);
        self.undo.push(Step { account_id: *link.account_id, head_before: *link.previous_hash });
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark(self.undo.len())
    }

    /// Forgets what was added since the mark.
    pub(crate) fn undo_to(&mut self, mark: Mark) {
        while self.undo.len() > mark.0
            && let Some(step) = self.undo.pop()
        {
            self.sequence -= 1;
            self.heads.insert(step.account_id, step.head_before);
        }
    }

    /// Forgets everything the open transaction added.
    pub(crate) fn undo_all(&mut self) {
        self.undo_to(Mark(0));
    }

    /// What was added is on disk.
    pub(crate) fn settle(&mut self) {
        self.undo.clear();
    }
}
