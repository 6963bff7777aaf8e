//! The parameters of each operation: path, query and headers.

use axum::http::Method;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, RefOr, Required, Schema, Type};

use super::schemas::{flag, text, time, uuid, whole, words};
use crate::native::asked::{PAGE_ROWS, PAGE_ROWS_MAX};
use crate::native::operations::{Action, Operation};

/// Every parameter of an operation.
pub(super) fn of(operation: &Operation) -> Vec<Parameter> {
    let mut parameters = in_path(operation);
    parameters.extend(asked(operation.action));
    if operation.method != Method::GET {
        parameters.extend(of_a_change(operation));
    }
    parameters
}

fn in_path(operation: &Operation) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    if operation.path.contains("{id}") {
        let about = if operation.path.starts_with("/users") {
            "A UUID, `serial:17` or `extension:101`."
        } else if operation.path.starts_with("/call") {
            "The call's UUID."
        } else if operation.path.starts_with("/deliveries") {
            "The message's UUID."
        } else {
            "A UUID or `serial:17`."
        };
        parameters.push(parameter("id", ParameterIn::Path, text(), about));
    }
    if operation.path.contains("{session}") {
        parameters.push(parameter("session", ParameterIn::Path, uuid(), "The session's id."));
    }
    parameters
}

/// How a change is to be made; what has no version yet, or none at all, takes no `If-Match`.
fn of_a_change(operation: &Operation) -> Vec<Parameter> {
    let versioned = match operation.action {
        Action::CreateUser | Action::Create(_) | Action::ChangeManyUsers | Action::EndSessions => {
            false
        }
        // What telephones do and what is sent has no version and cannot be tried.
        Action::DropRegistrations | Action::PlaceCall | Action::HangUp | Action::Redeliver => {
            return vec![once()];
        }
        Action::ListUsers
        | Action::ReadUser
        | Action::ChangeUser
        | Action::DeleteUser
        | Action::RestoreUser
        | Action::ReadUserHistory
        | Action::ExplainUser
        | Action::ListSessions
        | Action::ReadMe
        | Action::ChangeMe
        | Action::List(_)
        | Action::Read(_)
        | Action::Change(_)
        | Action::Delete(_)
        | Action::ReadAccount
        | Action::ChangeAccount
        | Action::ListChanges
        | Action::VerifyChanges
        | Action::StreamChanges
        | Action::ListRegistrations
        | Action::ReadTrunkState
        | Action::ListUserRegistrations
        | Action::ListCalls
        | Action::ListCallRecords
        | Action::ReadCallRecord
        | Action::ExplainCall
        | Action::ListDeliveries
        | Action::ReadDelivery => true,
    };
    let mut parameters =
        vec![query("dry_run", flag(), "Answer what would change, and change nothing."), once()];
    if versioned {
        parameters.push(header("If-Match", "Only if it is still at this version."));
    }
    parameters
}

fn once() -> Parameter {
    header("Idempotency-Key", "Make the change once, however often it is sent.")
}

fn asked(action: Action) -> Vec<Parameter> {
    match action {
        Action::ListUsers => paged(users()),
        Action::CreateUser | Action::ChangeManyUsers => vec![query(
            "assign_extension",
            flag(),
            "Give the next free extension where none is named.",
        )],
        Action::ReadUserHistory | Action::List(_) | Action::ListRegistrations => paged(Vec::new()),
        Action::ExplainUser => explanation(),
        Action::DropRegistrations => {
            vec![query("contact", text(), "Only the device with this contact.")]
        }
        Action::ListCallRecords => paged(call_records()),
        Action::ListChanges => paged(changes()),
        Action::ListDeliveries => paged(deliveries()),
        Action::StreamChanges => vec![header("Last-Event-ID", "The last event seen.")],
        Action::ReadUser
        | Action::ChangeUser
        | Action::DeleteUser
        | Action::RestoreUser
        | Action::ListSessions
        | Action::EndSessions
        | Action::ReadMe
        | Action::ChangeMe
        | Action::Read(_)
        | Action::Create(_)
        | Action::Change(_)
        | Action::Delete(_)
        | Action::ReadAccount
        | Action::ChangeAccount
        | Action::VerifyChanges
        | Action::ReadTrunkState
        | Action::ListUserRegistrations
        | Action::ListCalls
        | Action::PlaceCall
        | Action::HangUp
        | Action::ReadCallRecord
        | Action::ExplainCall
        | Action::ReadDelivery
        | Action::Redeliver => Vec::new(),
    }
}

fn paged(mut parameters: Vec<Parameter>) -> Vec<Parameter> {
    let limit = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(PAGE_ROWS_MAX))
        .default(Some(PAGE_ROWS.into()))
        .build();
    parameters.push(query("limit", Schema::from(limit).into(), "Rows of a page."));
    parameters.push(query("cursor", text(), "`next_cursor` of the page before."));
    parameters
}

fn users() -> Vec<Parameter> {
    let presences = words(&["online", "break", "offline", "dialer"]);
    vec![
        query("q", text(), "In the name, login, email, title, extension or telephone number."),
        query("active", flag(), "Only active or only inactive ones."),
        query("deleted", words(&["false", "true", "any"]), "Deleted ones are left out otherwise."),
        query("role", uuid(), "Users of this role."),
        query("team", uuid(), "Members of this group, skill group or desk."),
        query("presence", presences, "Users who say so."),
        query("extension", text(), "The user of this extension."),
        query("email", text(), "Users of this address."),
        query("phone", text(), "Users of this telephone number, given in any form."),
    ]
}

fn changes() -> Vec<Parameter> {
    vec![
        query("dialect", text(), "Made through this voice."),
        query("subject", uuid(), "Of this user, number, team and so on."),
        query("from", time(), "Not before."),
        query("to", time(), "Before."),
        query("caller", text(), "Made by callers whose name or id has this text in it."),
    ]
}

fn call_records() -> Vec<Parameter> {
    let directions = words(&["inbound", "outbound", "internal", "click_to_call"]);
    let results = words(&["answered", "missed", "busy", "refused", "failed"]);
    vec![
        query("from", time(), "Begun not before."),
        query("to", time(), "Begun before."),
        query("direction", directions, "Which way they went."),
        query("result", results, "How they went."),
        query("user", text(), "Calls of this user: a UUID, `serial:17` or `extension:101`."),
        query("team", uuid(), "Calls that rang this team first."),
        query("number", uuid(), "Calls to this number of the account."),
        query("caller", text(), "The caller's number ends in these digits."),
        query("called", text(), "The called number ends in these digits."),
    ]
}

fn deliveries() -> Vec<Parameter> {
    vec![
        query("kind", words(&["alert", "webhook"]), "Only those to people, or to webhooks."),
        query("webhook", uuid(), "To this webhook."),
        query("state", words(&["waiting", "delivered", "failed"]), "How they stand."),
    ]
}

fn explanation() -> Vec<Parameter> {
    let events = words(&["incoming", "outgoing", "registration", "sign-in"]);
    let transports = words(&["udp", "tcp", "tls", "ws"]);
    let mut event = query("event", events, "What happens.");
    event.required = Required::True;
    vec![
        event,
        query("at", time(), "When; now where it is left out."),
        query("from", text(), "The caller's number, or the one the phone asks to show."),
        query("dialled", text(), "What was dialled; outgoing calls need it."),
        query("address", text(), "Where a sign-in or registration comes from."),
        query("transport", transports, "What carries a registration."),
        query("devices", whole(), "Suppose so many registered devices."),
        query("calls", whole(), "Suppose so many calls."),
        query("signed_in", flag(), "Suppose there is a web session, or none."),
    ]
}

fn query(name: &str, schema: RefOr<Schema>, about: &str) -> Parameter {
    parameter(name, ParameterIn::Query, schema, about)
}

fn header(name: &str, about: &str) -> Parameter {
    parameter(name, ParameterIn::Header, text(), about)
}

fn parameter(name: &str, place: ParameterIn, schema: RefOr<Schema>, about: &str) -> Parameter {
    let required = if place == ParameterIn::Path { Required::True } else { Required::False };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .schema(Some(schema))
        .description(Some(about))
        .build()
}
