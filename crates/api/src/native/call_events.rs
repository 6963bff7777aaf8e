//! Calls as they go on: the body of a webhook, and one event of a stream.

use domain::call::CallEvent;
use domain::snapshot::Snapshot;

use super::answer::Object;
use super::calls_shown::{write_live, write_record};
use crate::call_news::{CallNews, Happened};

/// The body of a webhook: `{"id", "event", "at", "account", "call"}`. While it goes on, `call` is
/// as in the list of live calls, afterwards as in that of finished ones.
pub(crate) fn call_event(news: &CallNews<'_>, id: &str, event: &str) -> String {
    let mut out = Vec::new();
    let mut object = Object::begin(&mut out);
    object.field("id", id);
    object.field("event", event);
    object.field("at", &news.at());
    object.field("account", &news.account.account.id);
    object.with("call", |out| match news.what {
        Happened::GoingOn(CallEvent { call, .. }) => write_live(out, call, news.account),
        Happened::Finished(kept) => write_record(out, kept, news.account),
    });
    object.end();
    String::from_utf8(out).unwrap_or_default()
}

/// What the event stream says of it.
pub(super) fn write_event(out: &mut Vec<u8>, event: &CallEvent, account: &Snapshot) {
    let mut object = Object::begin(out);
    object.field("event", event.kind.word());
    object.field("at", &event.at);
    object.with("call", |out| write_live(out, &event.call, account));
    object.end();
}
