//! CommPeak's webhook of a finished call — PBX Stats, <https://docs.commpeak.com/> (read 2026-11).
//!
//! The vendor's payload is written by its user; what is sent here is the call record of the PBX
//! statistics.

use serde_json::Value;

use super::cdr_shown::statistics;
use crate::call_news::CallNews;

/// Nothing while the call goes on.
pub(crate) fn call_news(news: &CallNews<'_>) -> Option<Value> {
    news.finished().map(|kept| statistics(kept, news.account).into())
}
