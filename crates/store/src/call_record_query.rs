//! From a query for call records to the statement that answers it along the right index.
//! It deliberately puts no value into a statement: values travel as parameters.

use std::fmt::Write as _;

use crate::{
    call_record::{columns, digits, list},
    db::items_of,
    query::{CallRecordQuery, PAGE_ROWS_MAX},
    value::{Value, optional},
};

/// Up to so many users, their own records are gathered and sorted; above, the account's are walked in order
/// and each is asked whether it concerns one of them, because most will.
const GATHERED_USERS_MAX: usize = 16;

const CONDITIONS: &str = "r.account_id = ?1 AND r.started_at >= ?2 AND r.started_at < ?3 \
     AND (?5 IS NULL OR r.result = ?5) \
     AND (?6 IS NULL OR (r.answered_at IS NOT NULL) = ?6) \
     AND (?7 IS NULL OR r.number_id = ?7) AND (?8 IS NULL OR r.team_id = ?8) \
     AND (?9 IS NULL OR r.caller_digits LIKE ?9) \
     AND (?10 IS NULL OR r.called_digits LIKE ?10) \
     AND r.ended_at - r.started_at >= ?11 AND r.ended_at - r.started_at <= ?12";

const BEFORE: &str = " AND (r.started_at, r.serial) < (?15, ?16)";

const ORDER: &str = " ORDER BY r.started_at DESC, r.serial DESC";

/// Kept out of the way of a single user's order, so that no index but his is considered.
const ORDER_OF_USER: &str = " ORDER BY u.started_at DESC, u.call_record DESC";

const ONE_PAGE: &str = " LIMIT ?17 OFFSET ?18";

/// What each part of a page must bring, so that it stands however the parts interleave.
const UP_TO_PAGE: &str = " LIMIT ?17 + ?18";

/// A query with its values in the form the statement takes them.
pub(crate) struct Listing<'a> {
    query: &'a CallRecordQuery,
    /// Ways calls may have gone, as a JSON array.
    directions: Option<String>,
    caller: Option<String>,
    called: Option<String>,
    /// Serials of which one must be concerned, as a JSON array.
    users: Option<String>,
    /// The same for those whose calls are visible.
    visible: Option<String>,
    path: Path,
}

/// Records by how users lead to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Through their links.
    Linked,
    /// Not yet; asked one by one.
    Unlinked,
}

/// The index along which records are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Path {
    Account,
    /// One user's records in their order; which of the two lists names him.
    User(Side),
    /// Some users' records, gathered and sorted.
    Users(Side),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Wanted,
    Visible,
}

impl<'a> Listing<'a> {
    pub(crate) fn of(query: &'a CallRecordQuery) -> Self {
        let users = Some(&query.users).filter(|users| !users.is_empty());
        Self {
            query,
            directions: Some(&query.directions).filter(|it| !it.is_empty()).map(|it| words(it)),
            caller: query.caller_digits.as_deref().map(ending_in),
            called: query.called_digits.as_deref().map(ending_in),
            users: users.map(|users| list(users)),
            visible: query.visible_users.as_deref().map(list),
            path: path(query),
        }
    }

    /// Rows of a page; one more is read to see whether another page follows.
    pub(crate) fn limit(&self) -> usize {
        let limit = if self.query.limit == 0 { PAGE_ROWS_MAX } else { self.query.limit };
        limit.min(PAGE_ROWS_MAX) as usize
    }

    pub(crate) fn page_sql(&self) -> String {
        match self.path {
            Path::Account => format!("{}{ONE_PAGE}", self.ordered(Part::Linked)),
            Path::User(_) | Path::Users(_) => {
                let [linked, unlinked] = [Part::Linked, Part::Unlinked].map(|it| self.ordered(it));
                let columns = columns!();
                format!(
                    "SELECT {columns} FROM (SELECT {columns} FROM ({linked}{UP_TO_PAGE}) r \
                     UNION ALL SELECT {columns} FROM ({unlinked}{UP_TO_PAGE}) r) r{ORDER}{ONE_PAGE}"
                )
            }
        }
    }

    pub(crate) fn count_sql(&self) -> String {
        let [linked, unlinked] = [Part::Linked, Part::Unlinked].map(|it| self.matching(it));
        match self.path {
            Path::Account => format!("SELECT COUNT(*) {linked}"),
            Path::User(_) | Path::Users(_) => {
                format!("SELECT (SELECT COUNT(*) {linked}) + (SELECT COUNT(*) {unlinked})")
            }
        }
    }

    fn ordered(&self, part: Part) -> String {
        let order = match (self.path, part) {
            (Path::User(_), Part::Linked) => ORDER_OF_USER,
            (Path::User(_), Part::Unlinked) | (Path::Account | Path::Users(_), _) => ORDER,
        };
        let before = if self.query.before.is_some() { BEFORE } else { "" };
        format!("SELECT {} {}{before}{order}", columns!(), self.matching(part))
    }

    pub(crate) fn values(&self) -> [Value<'_>; 18] {
        let query = self.query;
        let (before_start, before_serial) =
            query.before.map_or((0, 0), |cursor| (cursor.started_at, cursor.serial));
        [
            (&query.account_id).into(),
            query.from.unwrap_or(i64::MIN).into(),
            query.to.unwrap_or(i64::MAX).into(),
            optional(self.directions.as_ref()),
            optional(query.result.as_ref()),
            optional(query.answered),
            optional(query.number_id.as_ref()),
            optional(query.team_id.as_ref()),
            optional(self.caller.as_ref()),
            optional(self.called.as_ref()),
            query.duration_min.unwrap_or(i64::MIN).into(),
            query.duration_max.unwrap_or(i64::MAX).into(),
            optional(self.users.as_ref()),
            optional(self.visible.as_ref()),
            before_start.into(),
            before_serial.into(),
            (self.limit() as u64 + 1).into(),
            query.offset.into(),
        ]
    }

    /// Of the values, those a count takes: it has no page, and names lists only where there are any.
    pub(crate) fn count_values(&self) -> usize {
        if self.visible.is_some() {
            14
        } else if self.users.is_some() {
            13
        } else {
            12
        }
    }

    fn matching(&self, part: Part) -> String {
        let mut sql = match (self.path, part) {
            (Path::Account, _) => format!("FROM call_record r WHERE {CONDITIONS}"),
            (Path::User(side), Part::Linked) => of_user(side),
            (Path::Users(side), Part::Linked) => of_users(side),
            (Path::User(side) | Path::Users(side), Part::Unlinked) => unlinked(side),
        };
        let _ = write!(sql, " AND (?4 IS NULL OR r.direction IN {})", items_of(4));
        for (side, named) in [(Side::Wanted, &self.users), (Side::Visible, &self.visible)] {
            if named.is_some() && !self.path.settles(side) {
                sql.push_str(&concerning(side));
            }
        }
        sql
    }
}

/// One user's records, in their order: `=` and not `IN`, after which they would be sorted.
fn of_user(side: Side) -> String {
    format!(
        "FROM call_record_user u CROSS JOIN call_record r ON r.serial = u.call_record \
         WHERE u.user_serial = {} AND u.started_at >= ?2 AND u.started_at < ?3 AND {CONDITIONS}",
        side.listed()
    )
}

/// Some users' records, gathered.
fn of_users(side: Side) -> String {
    format!(
        "FROM call_record r WHERE r.serial IN (SELECT u.call_record FROM call_record_user u \
         WHERE u.user_serial IN {} AND u.started_at >= ?2 AND u.started_at < ?3) AND {CONDITIONS}",
        side.listed()
    )
}

/// The newest records, which are few: found by their serials, not along the account's times.
fn unlinked(side: Side) -> String {
    format!(
        "FROM call_record r NOT INDEXED \
         WHERE r.serial > (SELECT through FROM call_record_linked) AND {CONDITIONS}{}",
        concerning(side)
    )
}

impl Path {
    /// Whether walking this path answers already what the side asks.
    fn settles(self, side: Side) -> bool {
        match self {
            Path::Account => false,
            Path::User(by) | Path::Users(by) => by == side,
        }
    }
}

impl Side {
    fn listed(self) -> String {
        match self {
            Side::Wanted => items_of(13).to_string(),
            Side::Visible => items_of(14).to_string(),
        }
    }
}

/// The shorter list leads.
fn path(query: &CallRecordQuery) -> Path {
    let wanted = (!query.users.is_empty()).then_some(query.users.len());
    let visible = query.visible_users.as_ref().map(Vec::len);
    let lists = [(wanted, Side::Wanted), (visible, Side::Visible)];
    let shortest = lists
        .into_iter()
        .filter_map(|(length, side)| length.map(|length| (length, side)))
        .min_by_key(|(length, _)| *length);
    match shortest {
        Some((1, side)) => Path::User(side),
        Some((length, side)) if length <= GATHERED_USERS_MAX => Path::Users(side),
        Some(_) | None => Path::Account,
    }
}

/// Asked of the record itself: an index from records to users would cost every call two entries.
fn concerning(side: Side) -> String {
    format!(" AND EXISTS (SELECT 1 FROM json_each(r.users) c WHERE c.value IN {})", side.listed())
}

/// A JSON array of words that hold letters and underscores only.
fn words(words: &[&str]) -> String {
    format!("[\"{}\"]", words.join("\",\""))
}

/// The pattern for numbers that end in these digits.
fn ending_in(number: &str) -> String {
    let digits = digits(number);
    format!("%{digits}")
}
