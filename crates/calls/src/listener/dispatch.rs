//! Where a message goes: REGISTER and OPTIONS are answered here, by the task that received them;
//! what belongs to calls goes to the shard of its Call-ID.

use std::sync::Arc;

use sip::message::ParseError;
use sip::message::ResponseHead;
use sip::{HeaderName, Message, MessageWriter, Method, Status};

use super::way::Stream;
use super::{Outbox, RETRY_SECONDS, Way};
use crate::call::{ALLOW, ShardEvent};
use crate::registration::registrar::register;
use crate::shared::Shared;
use crate::trunk::{ProbeEvent, is_probe};
use crate::understood::{is_for_a_known_scheme, not_understood};

/// Takes one readable message.
pub(crate) fn dispatch(shared: &Arc<Shared>, message: Message, way: &Way, out: &mut Outbox) {
    shared.counters.received.add();
    if !message.is_request() {
        if is_probe(shared, message.call_id()) {
            // One that is lost here is asked for again.
            let taken = shared.trunks.tell(ProbeEvent::Answer(message));
            if !taken {
                shared.counters.shed.add();
            }
            return;
        }
        to_shard(shared, message, way, out);
        return;
    }
    match message.method() {
        Method::Register => {
            register(shared, &message, way, &mut out.text);
            out.send_text(shared, &reply_way(&message, way));
        }
        Method::Options if message.to_tag().is_none() => {
            answer(shared, &message, way, status_of_options(&message), out);
        }
        Method::Invite | Method::Ack | Method::Cancel | Method::Bye => {
            to_shard(shared, message, way, out);
        }
        Method::Subscribe if message.to_tag().is_none() => {
            answer(shared, &message, way, Status::BAD_EVENT, out);
        }
        Method::Message | Method::Publish if message.to_tag().is_none() => {
            answer(shared, &message, way, Status::METHOD_NOT_ALLOWED, out);
        }
        Method::Options
        | Method::Prack
        | Method::Subscribe
        | Method::Notify
        | Method::Publish
        | Method::Info
        | Method::Refer
        | Method::Message
        | Method::Update => to_shard(shared, message, way, out),
        Method::Other => answer(shared, &message, way, Status::NOT_IMPLEMENTED, out),
    }
}

/// What a question about our abilities is answered (RFC 3261 sections 8.2.2 and 11.2).
fn status_of_options(request: &Message) -> Status {
    if request.max_forwards() == Some(0) {
        Status::TOO_MANY_HOPS
    } else if !is_for_a_known_scheme(request) {
        Status::UNSUPPORTED_URI_SCHEME
    } else if not_understood(request).is_some() {
        Status::BAD_EXTENSION
    } else {
        Status::OK
    }
}

/// Answers or drops what cannot be read (RFC 3261 sections 8.2 and 18.3).
pub(super) fn faulty(shared: &Shared, error: &ParseError, way: &Way, out: &mut Outbox) {
    shared.counters.malformed.add();
    shared.flood.garbage(way.remote().ip(), shared.moment());
    tracing::debug!(remote = %way.remote(), %error, "dropped or refused a message");
    if let Some(request) = error.answerable() {
        answer(shared, request, way, error.status(), out);
    }
}

/// A connection is over: the devices that only it could reach are gone, and calls over it end
/// unless the peer comes back.
pub(super) fn closed(shared: &Shared, stream: &Arc<Stream>) {
    stream.close();
    shared.streams.forget(stream.id);
    shared.trunks.closed(stream);
    let lost = |binding: &crate::registration::Binding| {
        binding.flow == Some(stream.id) && binding.needs_flow()
    };
    for user in stream.users() {
        shared.removed(&shared.bindings.remove(user, lost));
    }
    for queue in shared.shards.get().into_iter().flatten() {
        let queue = queue.clone();
        let closed = ShardEvent::FlowClosed(stream.id);
        // Waits where a shard is behind: its calls must hear of it.
        tokio::spawn(async move { drop(queue.send(closed).await) });
    }
}

fn to_shard(shared: &Shared, message: Message, way: &Way, out: &mut Outbox) {
    let shard = shared.shard_of(message.call_id());
    let Err(event) = shared.tell(shard, ShardEvent::Message(message, way.clone())) else { return };
    shared.counters.shed.add();
    if let ShardEvent::Message(message, _) = event
        && message.is_request()
        && message.method() != Method::Ack
    {
        answer(shared, &message, way, Status::SERVICE_UNAVAILABLE, out);
    }
}

/// Answers without a transaction, which needs no memory (RFC 3261 section 8.2.7).
fn answer(shared: &Shared, message: &Message, way: &Way, status: Status, out: &mut Outbox) {
    let tag = shared.tokens.tag();
    let head = ResponseHead { status, to_tag: &tag, source: Some(way.remote()) };
    let mut writer = MessageWriter::response(&mut out.text, message, head);
    match status {
        Status::OK | Status::METHOD_NOT_ALLOWED | Status::NOT_IMPLEMENTED => {
            writer.header(HeaderName::Allow, ALLOW).header(HeaderName::Accept, "application/sdp");
        }
        Status::BAD_EXTENSION => {
            writer.header(HeaderName::Unsupported, not_understood(message).unwrap_or_default());
        }
        Status::SERVICE_UNAVAILABLE => {
            writer.display(HeaderName::RetryAfter, RETRY_SECONDS);
        }
        _ => {}
    }
    writer.finish();
    out.send_text(shared, &reply_way(message, way));
}

/// Where the answer to a request goes (RFC 3261 section 18.2.2, RFC 3581).
pub(crate) fn reply_way(request: &Message, way: &Way) -> Way {
    match way {
        Way::Udp(from) => Way::Udp(request.via().reply_to(*from)),
        Way::Stream(_) => way.clone(),
    }
}
