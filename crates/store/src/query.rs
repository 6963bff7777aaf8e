//! What callers ask of history and call records, and the pages they get.
//! It deliberately holds no SQL; the table files turn these into statements.

use uuid::Uuid;

use crate::row::CallRecordRow;

/// Most rows one page of history, changes or call records may hold: above it a page no longer fits a response.
pub const PAGE_ROWS_MAX: u32 = 1000;

/// Which changes of an account to list. The default is all, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeFilter {
    pub after_sequence: Option<u64>,
    pub before_sequence: Option<u64>,
    pub subject: Option<Uuid>,
    /// Text that must occur in the caller's JSON.
    pub caller_text: Option<String>,
    pub dialect: Option<String>,
    /// First moment, microseconds since 1970.
    pub from: Option<i64>,
    /// First moment no longer wanted.
    pub to: Option<i64>,
    pub order: Order,
    /// At most [`PAGE_ROWS_MAX`]; 0 means just that.
    pub limit: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    NewestFirst,
    OldestFirst,
}

/// Whether the log of changes is as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainVerdict {
    Intact { changes: u64 },
    Broken { account_id: Uuid, sequence: u64, what: Breach },
}

/// How a change or its subject was tampered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breach {
    /// The columns no longer give the hash kept beside them.
    Content,
    /// The previous hash is not that of the account's change before: one was removed, added or moved.
    Link,
    /// The subject's row has another version or body than its newest change, or is gone.
    Subject,
    /// A row that no change accounts for; the sequence is 0.
    Unrecorded,
}

impl std::fmt::Display for Breach {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Breach::Content => "the change was altered after it was written",
            Breach::Link => "a change before it was removed, added or moved",
            Breach::Subject => "the row differs from its newest change",
            Breach::Unrecorded => "a row has no change that wrote it",
        })
    }
}

/// Which call records to list, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecordQuery {
    pub account_id: Uuid,
    /// Serials of the users whose calls the viewer may see; None sees the whole account.
    pub visible_users: Option<Vec<u32>>,
    /// First start, microseconds since 1970.
    pub from: Option<i64>,
    /// First start no longer wanted.
    pub to: Option<i64>,
    /// Any of these; empty asks for all.
    pub directions: Vec<&'static str>,
    pub result: Option<String>,
    pub answered: Option<bool>,
    /// Serials of which at least one must be concerned; empty asks for nobody in particular.
    pub users: Vec<u32>,
    pub number_id: Option<Uuid>,
    pub team_id: Option<Uuid>,
    /// Last digits of the caller, at most ten count.
    pub caller_digits: Option<String>,
    /// Last digits of the called number, at most ten count.
    pub called_digits: Option<String>,
    /// From start to end, microseconds, both ends included.
    pub duration_min: Option<i64>,
    pub duration_max: Option<i64>,
    pub before: Option<CallRecordCursor>,
    pub offset: u32,
    /// At most [`PAGE_ROWS_MAX`]; 0 means just that.
    pub limit: u32,
    /// Counting walks every match: ask only where it is shown.
    pub want_total: bool,
}

impl CallRecordQuery {
    /// Every call record of the account.
    pub fn of(account_id: Uuid) -> Self {
        Self {
            account_id,
            visible_users: None,
            from: None,
            to: None,
            directions: Vec::new(),
            result: None,
            answered: None,
            users: Vec::new(),
            number_id: None,
            team_id: None,
            caller_digits: None,
            called_digits: None,
            duration_min: None,
            duration_max: None,
            before: None,
            offset: 0,
            limit: 0,
            want_total: false,
        }
    }
}

/// The last row of a page: the next page begins after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallRecordCursor {
    pub started_at: i64,
    pub serial: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecordPage {
    pub rows: Vec<CallRecordRow>,
    /// All matches without cursor, offset and limit, where it was asked for.
    pub total: Option<u64>,
    /// None on the last page.
    pub next: Option<CallRecordCursor>,
}

/// How far a long task has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    pub total: u64,
}
