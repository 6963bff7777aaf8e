//! Finished calls as a table: one page of them, and the place where the next begins.

use directory::{CallRecordCursor, CallRecordQuery, KeptRecord};

use crate::call_words::{Side, direction, result, result_dot, span};
use crate::fault::Fault;
use crate::form::Pairs;
use crate::session::Signed;
use crate::words;

/// Rows of a page.
const ROWS: u32 = 50;

/// What `call_rows.html` shows.
pub(crate) struct CallRows {
    pub(crate) rows: Vec<CallRow>,
    /// The cursor of the next page, where there is one.
    pub(crate) next: Option<String>,
    pub(crate) is_first: bool,
}

pub(crate) struct CallRow {
    pub(crate) id: String,
    pub(crate) started: String,
    pub(crate) direction: &'static str,
    pub(crate) result: &'static str,
    pub(crate) dot: &'static str,
    pub(crate) from: Side,
    pub(crate) to: Side,
    pub(crate) answered_by: Option<Side>,
    /// How long was talked.
    pub(crate) talked: String,
}

impl CallRows {
    /// The page of these that the address names; only what the viewer may see.
    pub(crate) async fn of(signed: &Signed, query: CallRecordQuery) -> Result<Self, Fault> {
        let before = cursor(&signed.query);
        let query = CallRecordQuery { before, limit: ROWS, ..query };
        let page = signed.console.directory.call_records(query, &signed.caller).await?;
        Ok(Self {
            rows: page.records.iter().map(|it| CallRow::of(it, signed)).collect(),
            next: page.next.map(|it| format!("{}-{}", it.started_at, it.serial)),
            is_first: before.is_none(),
        })
    }
}

impl CallRow {
    fn of(kept: &KeptRecord, signed: &Signed) -> Self {
        let record = &kept.record;
        Self {
            id: record.id.to_string(),
            started: words::clock(record.started_at, signed.zone()),
            direction: direction(record.direction),
            result: result(record.result),
            dot: result_dot(record.result),
            from: Side::of(&record.caller, signed),
            to: Side::of(&record.called, signed),
            answered_by: record.answered_by.map(|it| Side::user(it, signed)),
            talked: record.answered_at.map(|at| span(at, record.ended_at)).unwrap_or_default(),
        }
    }
}

fn cursor(query: &Pairs) -> Option<CallRecordCursor> {
    let (started_at, serial) = query.text("before")?.split_once('-')?;
    Some(CallRecordCursor { started_at: started_at.parse().ok()?, serial: serial.parse().ok()? })
}
