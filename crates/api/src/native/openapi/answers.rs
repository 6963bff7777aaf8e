//! The schemas of what is answered or asked besides users and resources themselves.

use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::{ObjectBuilder, Schema, Type};

use super::calls;
use super::schemas::{
    Described, any, flag, free, list, named, nullable, object, patch, text, time, uuid, whole,
    words,
};

/// Every one with its name.
pub(super) fn all() -> Vec<(&'static str, Described)> {
    vec![
        ("Diff", diff()),
        ("Ended", object(&[("registrations", whole()), ("calls", whole()), ("sessions", whole())])),
        ("EndedSessions", object(&[("ended", free()), ("dry_run", flag())])),
        ("Change", change()),
        ("Session", session()),
        ("Me", me()),
        ("Explanation", explanation()),
        ("Verdict", verdict()),
        ("NewCall", new_call()),
        ("PlacedCall", object(&[("id", uuid())])),
        ("EndedCalls", object(&[("ended", free())])),
        ("EndedRegistrations", object(&[("ended", free())])),
        ("TrunkState", calls::trunk_state()),
        ("Registration", calls::registration()),
        ("Call", calls::live()),
        ("CallRecord", calls::record()),
        ("ExplainedCall", calls::explained()),
        ("Delivery", delivery()),
        ("Bulk", bulk()),
        ("BulkResult", bulk_result()),
        ("Restore", object(&[("version", whole())])),
        ("Problem", problem()),
    ]
}

/// `{"field": {"before": …, "after": …}}`
fn diff() -> Described {
    let sides = object(&[("before", any()), ("after", any())]);
    let diff = ObjectBuilder::new().additional_properties(Some(AdditionalProperties::RefOr(sides)));
    Schema::from(diff.build()).into()
}

fn change() -> Described {
    object(&[
        ("sequence", whole()),
        ("subject", uuid()),
        ("kind", text()),
        ("version", whole()),
        ("at", time()),
        ("caller", object(&[("kind", text()), ("id", uuid()), ("name", text())])),
        ("dialect", text()),
        ("address", nullable(Type::String)),
        ("diff", named("Diff")),
    ])
}

fn session() -> Described {
    object(&[
        ("id", uuid()),
        ("voice", text()),
        ("created_at", time()),
        ("expires_at", time()),
        ("address", nullable(Type::String)),
    ])
}

fn me() -> Described {
    object(&[
        ("kind", words(&["credential", "user", "operator"])),
        ("id", uuid()),
        ("name", text()),
        ("account", uuid()),
        ("voice", text()),
        ("permissions", list(text())),
        ("user", named("User")),
    ])
}

fn explanation() -> Described {
    object(&[
        ("user", uuid()),
        ("version", whole()),
        ("at", time()),
        ("event", text()),
        ("verdict", words(&["allow", "refuse"])),
        ("rule", text()),
        ("sentence", text()),
        ("setting", nullable(Type::String)),
        ("value", any()),
        ("set_by", nullable(Type::Object)),
        ("steps", list(step())),
        ("caller_id", nullable(Type::Object)),
        ("second_factor", nullable(Type::String)),
        ("failover", nullable(Type::Object)),
        ("supposed", object(&[("devices", whole()), ("calls", whole()), ("signed_in", flag())])),
    ])
}

/// One rule asked, of an explanation or of a decision on a call.
pub(super) fn step() -> Described {
    object(&[
        ("rule", text()),
        ("setting", nullable(Type::String)),
        ("value", any()),
        ("passed", flag()),
        ("sentence", text()),
    ])
}

fn verdict() -> Described {
    object(&[("intact", flag()), ("changes", whole()), ("sequence", whole()), ("detail", text())])
}

fn new_call() -> Described {
    object(&[
        ("user", text()),
        ("destination", text()),
        ("caller_id", text()),
        ("reference", text()),
    ])
}

fn delivery() -> Described {
    object(&[
        ("id", uuid()),
        ("channel", words(&["mail", "sms", "webhook"])),
        ("about", text()),
        ("to", text()),
        ("state", words(&["waiting", "delivered", "failed"])),
        ("created_at", time()),
        ("next_attempt_at", nullable(Type::String)),
        ("ended_at", nullable(Type::String)),
        ("attempts", whole()),
        ("response_status", nullable(Type::Integer)),
        ("error", nullable(Type::String)),
    ])
}

fn bulk() -> Described {
    let row = object(&[("create", patch("User")), ("user", text()), ("patch", patch("User"))]);
    object(&[("mode", words(&["together", "each"])), ("rows", list(row))])
}

fn bulk_result() -> Described {
    let result = object(&[
        ("row", whole()),
        ("id", uuid()),
        ("version", whole()),
        ("diff", named("Diff")),
        ("ended", named("Ended")),
        ("sequence", nullable(Type::Integer)),
        ("dry_run", flag()),
        ("problem", named("Problem")),
    ]);
    object(&[
        ("mode", text()),
        ("dry_run", flag()),
        ("done", whole()),
        ("refused", whole()),
        ("results", list(result)),
    ])
}

/// RFC 9457.
fn problem() -> Described {
    object(&[
        ("type", text()),
        ("title", text()),
        ("status", whole()),
        ("detail", text()),
        ("errors", list(object(&[("field", text()), ("detail", text())]))),
    ])
}
