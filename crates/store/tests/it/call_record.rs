//! Which call records a query finds, whichever index leads to them.
//! It deliberately compares with the plainest reading of the query: every record, asked one by one.

use store::{CallRecordCursor, CallRecordPage, CallRecordQuery, NewCallRecord, Store};

use crate::{
    backend,
    sample::{self, NOON, SECOND},
};

const RECORDS: u32 = 1100;
/// Appended at once; after the third time, the way from their users leads to all there are then. The rest is
/// found without.
const AT_ONCE: u32 = 350;

/// Records whose properties repeat in unlike rhythms, so that every combination occurs.
fn record(number: u32) -> NewCallRecord {
    let mut record = sample::call(number, 1 + u32::from(number.is_multiple_of(11)));
    // Several begin at the same moment.
    record.started_at = NOON + i64::from(number / 3) * 60 * SECOND;
    record.ended_at = record.started_at + i64::from(number % 50) * SECOND;
    record.answered_at = number.is_multiple_of(2).then_some(record.started_at);
    record.direction = ["inbound", "outbound"][number as usize % 2].into();
    record.result = ["answered", "missed", "failed"][number as usize % 3].into();
    record.caller = format!("+91 98{:08}", number % 7);
    record.called = format!("{}", 100 + number % 5);
    record.number_id = number.is_multiple_of(4).then(|| sample::id(77));
    record.team_id = number.is_multiple_of(5).then(|| sample::id(88));
    record.users = vec![number % 6 + 1, number % 35 + 10];
    record
}

async fn filled(store: &Store) {
    let all: Vec<_> = (0..RECORDS).map(record).collect();
    for some in all.chunks(AT_ONCE as usize) {
        store.append_call_records(some).await.unwrap();
    }
}

fn concerns(record: &NewCallRecord, users: &[u32]) -> bool {
    record.users.iter().any(|user| users.contains(user))
}

/// The plain reading of a query; cursor, offset and limit aside.
fn matches(query: &CallRecordQuery, record: &NewCallRecord) -> bool {
    let digits = |number: &str| -> String { number.chars().filter(char::is_ascii_digit).collect() };
    let ends_in = |asked: &Option<String>, number: &str| {
        asked.as_ref().is_none_or(|asked| digits(number).ends_with(&digits(asked)))
    };
    let duration = record.ended_at - record.started_at;
    record.account_id == query.account_id
        && query.visible_users.as_ref().is_none_or(|users| concerns(record, users))
        && (query.users.is_empty() || concerns(record, &query.users))
        && query.from.is_none_or(|from| record.started_at >= from)
        && query.to.is_none_or(|to| record.started_at < to)
        && (query.directions.is_empty() || query.directions.contains(&&*record.direction))
        && query.result.as_ref().is_none_or(|asked| record.result == asked.as_str())
        && query.answered.is_none_or(|asked| record.answered_at.is_some() == asked)
        && query.number_id.is_none_or(|id| record.number_id == Some(id))
        && query.team_id.is_none_or(|id| record.team_id == Some(id))
        && ends_in(&query.caller_digits, &record.caller)
        && ends_in(&query.called_digits, &record.called)
        && query.duration_min.is_none_or(|min| duration >= min)
        && query.duration_max.is_none_or(|max| duration <= max)
}

fn expected(query: &CallRecordQuery) -> Vec<NewCallRecord> {
    let mut found: Vec<_> =
        (0..RECORDS).map(record).filter(|record| matches(query, record)).collect();
    found.sort_by_key(|record| std::cmp::Reverse((record.started_at, record.id)));
    found
}

fn records(page: &CallRecordPage) -> Vec<NewCallRecord> {
    page.rows.iter().map(|row| row.record.clone()).collect()
}

fn queries() -> Vec<CallRecordQuery> {
    let any = || CallRecordQuery::of(sample::account_id(1));
    let many: Vec<u32> = (1..=25).collect();
    let mut single = vec![
        CallRecordQuery::of(sample::account_id(2)),
        CallRecordQuery { directions: vec!["inbound", "internal"], ..any() },
        CallRecordQuery { result: Some("missed".to_owned()), ..any() },
        CallRecordQuery { answered: Some(true), ..any() },
        CallRecordQuery { answered: Some(false), ..any() },
        CallRecordQuery { number_id: Some(sample::id(77)), ..any() },
        CallRecordQuery { team_id: Some(sample::id(88)), ..any() },
        CallRecordQuery { caller_digits: Some("9800000003".to_owned()), ..any() },
        CallRecordQuery { caller_digits: Some("00-05".to_owned()), ..any() },
        CallRecordQuery { called_digits: Some("102".to_owned()), ..any() },
        CallRecordQuery { duration_min: Some(20 * SECOND), ..any() },
        CallRecordQuery { duration_max: Some(20 * SECOND), ..any() },
        CallRecordQuery { from: Some(NOON + 1800 * SECOND), ..any() },
        CallRecordQuery { to: Some(NOON + 1800 * SECOND), ..any() },
        any(),
    ];
    for users in [vec![3], vec![12], vec![2, 3], many.clone()] {
        for visible_users in
            [None, Some(vec![]), Some(vec![4]), Some(vec![5, 13]), Some(many.clone())]
        {
            single.push(CallRecordQuery { users: users.clone(), visible_users, ..any() });
        }
    }
    for visible_users in [vec![], vec![4], vec![5, 13], many] {
        let (from, to) = (Some(NOON + 600 * SECOND), Some(NOON + 3600 * SECOND));
        let visible_users = Some(visible_users);
        single.push(CallRecordQuery { visible_users, from, to, ..any() });
    }
    single
}

#[tokio::test]
async fn a_query_finds_what_its_plain_reading_says_newest_first() {
    for backend in backend::all() {
        filled(&backend.store).await;
        for query in queries() {
            let query = CallRecordQuery { want_total: true, ..query };
            let page = backend.store.call_records(&query).await.unwrap();
            let expected = expected(&query);
            assert_eq!(page.total, Some(expected.len() as u64), "{}: {query:?}", backend.name);
            assert_eq!(records(&page), expected, "{}: {query:?}", backend.name);
        }
    }
}

#[tokio::test]
async fn pages_by_cursor_and_by_offset_show_each_record_once() {
    for backend in backend::all() {
        filled(&backend.store).await;
        for query in queries() {
            let expected = expected(&query);
            let query = CallRecordQuery { limit: 70, ..query };
            assert_eq!(by_cursor(&backend.store, query.clone()).await, expected, "{query:?}");
            let skipped = CallRecordQuery { offset: 70, ..query };
            let page = backend.store.call_records(&skipped).await.unwrap();
            let second: Vec<_> = expected.iter().skip(70).take(70).cloned().collect();
            assert_eq!(records(&page), second, "{}: {skipped:?}", backend.name);
        }
    }
}

async fn by_cursor(store: &Store, query: CallRecordQuery) -> Vec<NewCallRecord> {
    let mut found = Vec::new();
    let mut before: Option<CallRecordCursor> = None;
    loop {
        let asked = CallRecordQuery { before, ..query.clone() };
        let page = store.call_records(&asked).await.unwrap();
        found.extend(records(&page));
        match page.next {
            Some(cursor) => before = Some(cursor),
            None => return found,
        }
    }
}

#[tokio::test]
async fn records_appended_by_many_at_once_all_count() {
    for backend in backend::all() {
        let tasks: Vec<_> = (0..RECORDS)
            .map(|number| {
                let store = backend.store.clone();
                tokio::spawn(async move { store.append_call_records(vec![record(number)]).await })
            })
            .collect();
        let mut serials = Vec::new();
        for task in tasks {
            serials.extend(task.await.unwrap().unwrap());
        }
        serials.sort_unstable();
        let all: Vec<u64> = (1..=u64::from(RECORDS)).collect();
        assert_eq!(serials, all, "{}", backend.name);
    }
}
