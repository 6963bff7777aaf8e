//! A page of finished calls by conditions of a vendor's that the store does not know. It is no
//! vendor's own, and decides nothing about who sees which call: the directory does.

use directory::{CallRecordQuery, Directory, Error, KeptRecord};
use domain::caller::Caller;

/// Records looked at for one page where a condition has to be asked of each of them: some seconds,
/// in which other requests are answered between two of the store's own pages.
const EXAMINED_MAX: usize = 200_000;
/// The same where another order is wanted, as all that match are in memory then.
const SORTED_MAX: usize = 20_000;

/// One more condition.
pub(crate) type Condition = Box<dyn Fn(&KeptRecord) -> bool + Send + Sync>;

/// Another order than newest first, by what this says of each.
pub(crate) struct Order {
    pub(crate) by: Box<dyn Fn(&KeptRecord) -> SortKey + Send + Sync>,
    pub(crate) descending: bool,
}

/// Numbers come before texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SortKey {
    Number(i64),
    Text(String),
}

/// What is searched for; the query's offset and limit are the page.
pub(crate) struct CallSearch {
    pub(crate) query: CallRecordQuery,
    /// All of them have to hold.
    pub(crate) also: Vec<Condition>,
    pub(crate) order: Option<Order>,
}

/// A page of what was found.
#[derive(Debug, Default)]
pub(crate) struct CallsFound {
    pub(crate) records: Vec<KeptRecord>,
    /// All matches; 0 where the query did not ask for it.
    pub(crate) total: u64,
}

/// Why a search has no answer.
#[derive(Debug)]
pub(crate) enum SearchFailed {
    /// Too many calls would have to be looked at: the period has to be shorter.
    TooMany,
    Directory(Error),
}

impl CallSearch {
    pub(crate) fn of(query: CallRecordQuery) -> Self {
        Self { query, also: Vec::new(), order: None }
    }

    pub(crate) fn also(&mut self, holds: impl Fn(&KeptRecord) -> bool + Send + Sync + 'static) {
        self.also.push(Box::new(holds));
    }

    pub(crate) async fn page(
        self,
        directory: &Directory,
        caller: &Caller,
    ) -> Result<CallsFound, SearchFailed> {
        if !self.also.is_empty() || self.order.is_some() {
            return self.examined(directory, caller).await;
        }
        found(self.query, directory, caller).await.map_err(SearchFailed::Directory)
    }

    /// Asks every record the store finds. Without another order only the page itself is kept.
    async fn examined(
        self,
        directory: &Directory,
        caller: &Caller,
    ) -> Result<CallsFound, SearchFailed> {
        let Self { query, also, order } = self;
        let (offset, limit) = (query.offset as usize, query.limit as usize);
        let mut asked = CallRecordQuery { offset: 0, limit: 0, want_total: false, ..query };
        let (mut matching, mut total) = (Vec::new(), 0);
        let mut examined = 0;
        let (examined_max, kept) = match order {
            Some(_) => (SORTED_MAX, 0..usize::MAX),
            None => (EXAMINED_MAX, offset..offset.saturating_add(limit)),
        };
        loop {
            let found = directory.call_records(asked.clone(), caller).await;
            let found = found.map_err(SearchFailed::Directory)?;
            examined += found.records.len();
            for record in found.records {
                if also.iter().all(|holds| holds(&record)) {
                    if kept.contains(&total) {
                        matching.push(record);
                    }
                    total += 1;
                }
            }
            let Some(next) = found.next else { break };
            if examined >= examined_max {
                return Err(SearchFailed::TooMany);
            }
            asked.before = Some(next);
        }
        if let Some(order) = order {
            matching.sort_by_cached_key(|kept| (order.by)(kept));
            if order.descending {
                matching.reverse();
            }
            matching = matching.into_iter().skip(offset).take(limit).collect();
        }
        Ok(CallsFound { records: matching, total: total as u64 })
    }
}

/// What the store finds by itself, in several of its own pages where one of the vendor's is longer.
async fn found(
    query: CallRecordQuery,
    directory: &Directory,
    caller: &Caller,
) -> Result<CallsFound, Error> {
    let wanted = query.limit as usize;
    let first = directory.call_records(query.clone(), caller).await?;
    let (mut records, mut next) = (first.records, first.next);
    while let Some(before) = next.filter(|_| records.len() < wanted) {
        let limit = u32::try_from(wanted - records.len()).unwrap_or(u32::MAX);
        let before = Some(before);
        let asked =
            CallRecordQuery { before, offset: 0, limit, want_total: false, ..query.clone() };
        let more = directory.call_records(asked, caller).await?;
        records.extend(more.records);
        next = more.next;
    }
    Ok(CallsFound { records, total: first.total.unwrap_or_default() })
}
