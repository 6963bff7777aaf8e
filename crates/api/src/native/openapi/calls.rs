//! The schemas of devices, trunks and calls.

use utoipa::openapi::Type;

use super::answers;
use super::schemas::{Described, list, nullable, object, text, time, uuid, whole, words};

pub(super) fn registration() -> Described {
    object(&[
        ("user", user()),
        ("contact", text()),
        ("address", text()),
        ("transport", words(&["udp", "tcp", "tls", "ws"])),
        ("user_agent", nullable(Type::String)),
        ("q", whole()),
        ("registered_at", time()),
        ("expires_at", time()),
    ])
}

pub(super) fn trunk_state() -> Described {
    object(&[
        ("state", words(&["unknown", "reachable", "unreachable"])),
        ("since", nullable(Type::String)),
        ("round_trip_ms", nullable(Type::Integer)),
        ("reason", nullable(Type::String)),
        ("calls", whole()),
    ])
}

pub(super) fn live() -> Described {
    object(&[
        ("id", uuid()),
        ("state", words(&["setup", "ringing", "talking", "ended"])),
        ("direction", directions()),
        ("caller", party()),
        ("called", party()),
        ("shown", nullable(Type::String)),
        ("number", nullable(Type::String)),
        ("team", nullable(Type::String)),
        ("users", list(user())),
        ("answered_by", user()),
        ("reference", nullable(Type::String)),
        ("started_at", time()),
        ("answered_at", nullable(Type::String)),
    ])
}

pub(super) fn record() -> Described {
    let leg = object(&[
        ("user", user()),
        ("trunk", nullable(Type::String)),
        ("address", text()),
        ("began_at", time()),
        ("rang_at", nullable(Type::String)),
        ("answered_at", nullable(Type::String)),
        ("ended_at", time()),
        ("status", nullable(Type::Integer)),
    ]);
    // On the heap: it has become long for a stack.
    let fields = vec![
        ("id", uuid()),
        ("serial", whole()),
        ("direction", directions()),
        ("result", words(&["answered", "missed", "busy", "refused", "failed"])),
        ("status", whole()),
        ("caller", party()),
        ("called", party()),
        ("shown", nullable(Type::String)),
        ("shown_because", nullable(Type::String)),
        ("number", nullable(Type::String)),
        ("team", nullable(Type::String)),
        ("trunk", nullable(Type::String)),
        ("users", list(user())),
        ("answered_by", user()),
        ("missed", list(user())),
        ("reference", nullable(Type::String)),
        ("ended_by", words(&["caller", "callee", "system", "change", "operator", "lost"])),
        ("started_at", time()),
        ("answered_at", nullable(Type::String)),
        ("ended_at", time()),
        ("legs", list(leg)),
    ];
    object(&fields)
}

pub(super) fn explained() -> Described {
    let decision = object(&[
        ("question", words(&["outgoing", "incoming", "team", "blocked_caller"])),
        ("user", user()),
        ("version", nullable(Type::Integer)),
        ("at", time()),
        ("verdict", words(&["allow", "refuse"])),
        ("sentence", text()),
        ("steps", list(answers::step())),
    ]);
    object(&[
        ("call", uuid()),
        ("result", text()),
        ("status", whole()),
        ("shown", nullable(Type::String)),
        ("shown_because", nullable(Type::String)),
        ("decisions", list(decision)),
    ])
}

/// `null` where nobody is meant.
fn user() -> Described {
    object(&[("id", uuid()), ("serial", whole()), ("name", text()), ("extension", text())])
}

fn party() -> Described {
    object(&[("number", text()), ("name", text()), ("user", user())])
}

fn directions() -> Described {
    words(&["inbound", "outbound", "internal", "click_to_call"])
}
