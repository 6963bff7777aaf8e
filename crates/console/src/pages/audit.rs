//! Every change of the account: filtered, exported, with the verdict on the log itself; and who is
//! locked for guessing passwords.

use askama::Template;
use directory::{ChainVerdict, ChangeFilter, ChangeRow, Guesser, LockedOut, read_diff};
use domain::credential::Voice;
use domain::permission::Permission;
use jiff::civil::Date;

use crate::answer::{Answer, file};
use crate::fault::Fault;
use crate::fields::Choice;
use crate::flash::Flash;
use crate::form::query;
use crate::layout::Shell;
use crate::session::{Posted, Signed};
use crate::words::{self, DiffLine, diff_lines};

/// Rows of a page.
const ROWS: u32 = 50;
/// Rows of an export: what the store gives at once.
const EXPORT_ROWS: u32 = 1_000;
/// Pages of an export: a file of a million lines is no file to read.
const EXPORT_PAGES_MAX: usize = 100;

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    shell: Shell,
    caller: String,
    from: String,
    to: String,
    dialects: Vec<Choice>,
    rows: Vec<Row>,
    next: Option<String>,
    export: String,
    locks: Vec<LockRow>,
}

struct LockRow {
    who: String,
    /// What he may not do for a while.
    what: &'static str,
    failures: u32,
    until: String,
}

struct Row {
    sequence: u64,
    at: String,
    who: String,
    dialect: String,
    what: String,
    path: Option<String>,
    version: u32,
    lines: Vec<DiffLine>,
}

pub(crate) async fn show(signed: Signed) -> Answer {
    signed.require(Permission::HistoryRead)?;
    let filter = ChangeFilter { limit: ROWS, ..filter(&signed) };
    let rows = signed.console.directory.changes(filter, &signed.caller).await?;
    let last = rows.last().map(|row| row.sequence.to_string()).unwrap_or_default();
    let has_more = rows.len() == usize::try_from(ROWS).unwrap_or(0);
    let text = |name| signed.query.text(name).unwrap_or_default();
    let names = ["caller", "dialect", "from", "to"];
    let filters: Vec<_> = names.iter().map(|name| (*name, text(name))).collect();
    let paged = query(filters.iter().copied().chain([("before", &*last)]));
    let chosen = text("dialect");
    let dialect = |it: &Voice| Choice::new(it.word(), words::voice(*it), it.word() == chosen);
    let page = AuditPage {
        shell: Shell::of(&signed, "Audit"),
        caller: text("caller").to_owned(),
        from: text("from").to_owned(),
        to: text("to").to_owned(),
        dialects: Voice::ALL.iter().map(dialect).collect(),
        rows: rows.iter().map(|it| row(&signed, it)).collect(),
        next: has_more.then_some(paged),
        export: format!("/audit/export.csv?{}", query(filters.iter().copied())),
        locks: locks(&signed)?,
    };
    signed.page(&page)
}

/// Who is locked, for those who look after the account.
fn locks(signed: &Signed) -> Result<Vec<LockRow>, Fault> {
    if !signed.may(Permission::AccountWrite) {
        return Ok(Vec::new());
    }
    let locked = signed.console.directory.locked_out(&signed.caller)?;
    Ok(locked.iter().map(|it| lock_row(signed, it)).collect())
}

fn lock_row(signed: &Signed, locked: &LockedOut) -> LockRow {
    let name = |user| signed.account.user(user).map(|user| user.name()).unwrap_or_default();
    let (who, what) = match (&locked.lock.guesser, locked.by_telephone) {
        (Guesser::Address(address), false) => (address.to_string(), "Sign-ins and tokens"),
        (Guesser::Address(address), true) => (address.to_string(), "Telephones"),
        (Guesser::User(user), _) => (name(*user), "Sign-in"),
        (Guesser::SecondFactor(user), _) => (name(*user), "Second factor"),
        (Guesser::Name(name), _) => (name.to_string(), "Telephone"),
    };
    let until = words::clock(locked.lock.until, signed.zone());
    LockRow { who, what, failures: locked.lock.failures, until }
}

/// Walks the whole log of the account. Asked for by a form, because it reads every row.
pub(crate) async fn verify(Posted { signed, .. }: Posted) -> Answer {
    let verdict = signed.console.directory.verify(&signed.caller, |_| {}).await?;
    let flash = match verdict {
        ChainVerdict::Intact { changes } => Flash::good(format!(
            "The log is as it was written: all {changes} changes follow from one another."
        )),
        ChainVerdict::Broken { sequence, what, .. } => {
            Flash::bad(format!("The log was tampered with at change {sequence}: {what}."))
        }
    };
    Ok(signed.see_with("/audit", &flash))
}

/// The filtered changes as CSV, oldest diffs as JSON.
pub(crate) async fn export(signed: Signed) -> Answer {
    signed.require(Permission::HistoryRead)?;
    let mut filter = ChangeFilter { limit: EXPORT_ROWS, ..filter(&signed) };
    let mut csv = csv::Writer::from_writer(Vec::new());
    let heading = [
        "sequence",
        "at",
        "caller",
        "dialect",
        "address",
        "subject_kind",
        "subject",
        "version",
        "diff",
    ];
    let mut is_written = csv.write_record(heading).is_ok();
    for _ in 0..EXPORT_PAGES_MAX {
        let rows = signed.console.directory.changes(filter.clone(), &signed.caller).await?;
        is_written &= rows.iter().all(|row| csv.write_record(record(row)).is_ok());
        match rows.last() {
            Some(row) if is_written => filter.before_sequence = Some(row.sequence),
            Some(_) | None => break,
        }
    }
    let bytes = csv.into_inner().unwrap_or_default();
    Ok(file("text/csv; charset=utf-8", "audit.csv", bytes))
}

fn record(row: &ChangeRow) -> [String; 9] {
    [
        row.sequence.to_string(),
        words::at(row).to_string(),
        words::caller(row),
        row.dialect.clone(),
        row.address.clone().unwrap_or_default(),
        row.subject_kind.clone(),
        row.subject.to_string(),
        row.version.to_string(),
        row.diff.clone(),
    ]
}

fn filter(signed: &Signed) -> ChangeFilter {
    let day = |name| -> Option<Date> { signed.query.parsed(name) };
    let start = |date: Date| {
        let zoned = date.to_zoned(signed.zone().rules().clone()).ok()?;
        Some(zoned.timestamp().as_microsecond())
    };
    ChangeFilter {
        before_sequence: signed.query.parsed("before"),
        caller_text: signed.query.text("caller").map(str::to_owned),
        dialect: signed.query.text("dialect").map(str::to_owned),
        from: day("from").and_then(start),
        to: day("to").and_then(|date| date.tomorrow().ok()).and_then(start),
        ..ChangeFilter::default()
    }
}

fn row(signed: &Signed, row: &ChangeRow) -> Row {
    let user = signed.account.user(row.subject.into());
    let named: Option<String> = user.map(|it| it.name());
    let label = || {
        let body: Option<serde_json::Value> = serde_json::from_str(&row.body).ok();
        let text = |key| body.as_ref()?.get(key)?.as_str().map(str::to_owned);
        text("name").or_else(|| text("number")).unwrap_or_default()
    };
    let diff = read_diff(row).unwrap_or_default();
    Row {
        sequence: row.sequence,
        at: words::clock(words::at(row), signed.zone()),
        who: words::caller(row),
        dialect: words::dialect(&row.dialect),
        what: format!("{} {}", words::label(&row.subject_kind), named.unwrap_or_else(label)),
        path: user.map(|it| format!("/users/{}/history", it.id)),
        version: row.version,
        lines: diff_lines(&diff, &signed.account, signed.zone()),
    }
}
