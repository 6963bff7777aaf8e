//! The API in OpenAPI 3.1, made from the tables the handlers are run by.
//! What is not in a table of operations, fields or settings is not in the document either.

mod answers;
mod calls;
mod parameters;
mod schemas;

use std::sync::LazyLock;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Method, Response, header};
use domain::permission::Permission;
use utoipa::openapi::path::{HttpMethod, Operation as Described, OperationBuilder, PathsBuilder};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Content, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr, Required, ResponseBuilder,
    Schema,
};

use super::operations::{Access, Action, OPERATIONS, Operation};

/// Where the document is, for everyone.
pub(crate) const PATH: &str = "/openapi.json";
/// The name of the one way to authenticate.
const BEARER: &str = "token";

static TEXT: LazyLock<Bytes> = LazyLock::new(|| {
    // The document holds texts and numbers only, so that it cannot fail to be written.
    serde_json::to_vec_pretty(&document()).unwrap_or_default().into()
});

/// The document to anyone, from any page.
pub(crate) async fn serve() -> Response<Body> {
    let mut response = Response::new(Body::from(TEXT.clone()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// The whole document.
#[must_use]
pub fn document() -> OpenApi {
    let mut paths = PathsBuilder::new();
    for operation in OPERATIONS.iter() {
        if let Some(method) = method(&operation.method) {
            paths = paths.path(operation.full_path(), PathItem::new(method, described(operation)));
        }
    }
    let info = InfoBuilder::new()
        .title("Rollcall")
        .version("1")
        .description(Some("A user directory for phone systems that calls obey."));
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    let mut components =
        schemas::components().security_scheme(BEARER, SecurityScheme::Http(bearer));
    for (_, name, about) in PROBLEMS {
        components = components.response(*name, problem(about));
    }
    OpenApiBuilder::new()
        .info(info.build())
        .paths(paths.build())
        .components(Some(components.build()))
        .security(Some([SecurityRequirement::new(BEARER, [""; 0])]))
        .build()
}

fn method(method: &Method) -> Option<HttpMethod> {
    [
        (Method::GET, HttpMethod::Get),
        (Method::POST, HttpMethod::Post),
        (Method::PATCH, HttpMethod::Patch),
        (Method::DELETE, HttpMethod::Delete),
    ]
    .into_iter()
    .find(|(known, _)| known == method)
    .map(|(_, described)| described)
}

fn described(operation: &Operation) -> Described {
    let (status, answer) = answer(operation.action);
    let mut described = OperationBuilder::new()
        .summary(Some(operation.summary.clone()))
        .description(Some(permissions(operation.access)))
        .operation_id(Some(operation_id(operation)))
        .tag(tag(operation))
        .parameters(Some(parameters::of(operation)))
        .request_body(body(operation.action))
        .response(status, answer);
    for (status, name) in problems(operation) {
        described = described.response(status, Ref::from_response_name(name));
    }
    described.build()
}

fn permissions(access: Access) -> String {
    match access {
        Access::AnyCaller => "Needs no permission.".to_owned(),
        Access::OwnOr(permission) => {
            format!("Needs `{}`, but for what is one's own.", permission.word())
        }
        Access::Needs(permissions) => format!("Needs {}.", words(permissions, " and ")),
        Access::NeedsOne(permissions) => format!("Needs {}.", words(permissions, " or ")),
    }
}

fn words(permissions: &[Permission], between: &str) -> String {
    let words: Vec<_> = permissions.iter().map(|it| format!("`{}`", it.word())).collect();
    words.join(between)
}

/// `patch_users_id`: the method and the words of the path.
fn operation_id(operation: &Operation) -> String {
    let words = operation.path.split(['/', '-', '{', '}']).filter(|word| !word.is_empty());
    let method = operation.method.as_str().to_ascii_lowercase();
    std::iter::once(method.as_str()).chain(words).collect::<Vec<_>>().join("_")
}

fn tag(operation: &Operation) -> &str {
    operation.path.split('/').nth(1).unwrap_or_default()
}

/// What a good request is answered with.
fn answer(action: Action) -> (&'static str, RefOr<utoipa::openapi::Response>) {
    let (status, about, schema) = match action {
        Action::ListUsers => ("200", "One page of users.", schemas::page("User")),
        Action::ReadUser => ("200", "The user.", schemas::named("User")),
        Action::CreateUser => ("201", "The new user.", schemas::changed("User")),
        Action::ChangeUser | Action::DeleteUser | Action::RestoreUser | Action::ChangeMe => {
            ("200", "The user as he is now.", schemas::changed("User"))
        }
        Action::ChangeManyUsers => ("200", "One result a row.", schemas::named("BulkResult")),
        Action::ReadUserHistory | Action::ListChanges => {
            ("200", "One page of changes.", schemas::page("Change"))
        }
        Action::ExplainUser => ("200", "The explanation.", schemas::named("Explanation")),
        Action::ListSessions => ("200", "The live sessions.", schemas::page("Session")),
        Action::EndSessions => ("200", "How many ended.", schemas::named("EndedSessions")),
        Action::ReadMe => ("200", "The caller.", schemas::named("Me")),
        Action::List(kind) => ("200", "One page.", schemas::page(kind.schema)),
        Action::Read(kind) => ("200", "What was asked for.", schemas::named(kind.schema)),
        Action::Create(kind) => ("201", "The new one.", schemas::created(kind.schema)),
        Action::Change(kind) | Action::Delete(kind) => {
            ("200", "As it is now.", schemas::changed(kind.schema))
        }
        Action::ReadAccount => ("200", "The account.", schemas::named("Account")),
        Action::ChangeAccount => ("200", "As it is now.", schemas::changed("Account")),
        Action::VerifyChanges => ("200", "The verdict.", schemas::named("Verdict")),
        Action::StreamChanges => return ("200", events()),
        Action::ReadTrunkState => ("200", "As it is now.", schemas::named("TrunkState")),
        Action::ListRegistrations | Action::ListUserRegistrations => {
            ("200", "Registered devices.", schemas::page("Registration"))
        }
        Action::DropRegistrations => ("200", "How many.", schemas::named("EndedRegistrations")),
        Action::ListCalls => ("200", "The calls going on, oldest first.", schemas::page("Call")),
        Action::PlaceCall => ("201", "The call's id.", schemas::named("PlacedCall")),
        Action::HangUp => ("200", "How many ended.", schemas::named("EndedCalls")),
        Action::ListCallRecords => ("200", "One page of calls.", schemas::page("CallRecord")),
        Action::ReadCallRecord => ("200", "The call.", schemas::named("CallRecord")),
        Action::ExplainCall => ("200", "Its decisions.", schemas::named("ExplainedCall")),
        Action::ListDeliveries => ("200", "One page of messages.", schemas::page("Delivery")),
        Action::ReadDelivery | Action::Redeliver => {
            ("200", "The message.", schemas::named("Delivery"))
        }
    };
    let response = ResponseBuilder::new().description(about);
    (status, response.content("application/json", Content::new(Some(schema))).build().into())
}

fn events() -> RefOr<utoipa::openapi::Response> {
    let about = "Events `change`, each with a change as its data, to who may read history; `call`, each \
                 with what happened to a call the caller may see; `lagged` where some were missed. `Last-Event-ID` \
                 catches up on changes from the log.";
    let text = Content::new(Some(schemas::text()));
    ResponseBuilder::new().description(about).content("text/event-stream", text).build().into()
}

fn body(action: Action) -> Option<RequestBody> {
    let (media_type, schema) = match action {
        Action::CreateUser => ("application/json", schemas::named("UserPatch")),
        Action::ChangeUser | Action::ChangeMe => {
            ("application/merge-patch+json", schemas::named("UserPatch"))
        }
        Action::ChangeManyUsers => ("application/json", schemas::named("Bulk")),
        Action::RestoreUser => ("application/json", schemas::named("Restore")),
        Action::PlaceCall => ("application/json", schemas::named("NewCall")),
        Action::Create(kind) => ("application/json", schemas::patch(kind.schema)),
        Action::Change(kind) => ("application/merge-patch+json", schemas::patch(kind.schema)),
        Action::ChangeAccount => ("application/merge-patch+json", schemas::patch("Account")),
        Action::ListUsers
        | Action::ReadUser
        | Action::DeleteUser
        | Action::ReadUserHistory
        | Action::ExplainUser
        | Action::ListSessions
        | Action::EndSessions
        | Action::ReadMe
        | Action::List(_)
        | Action::Read(_)
        | Action::Delete(_)
        | Action::ReadAccount
        | Action::ListChanges
        | Action::VerifyChanges
        | Action::StreamChanges
        | Action::ReadTrunkState
        | Action::ListRegistrations
        | Action::ListUserRegistrations
        | Action::DropRegistrations
        | Action::ListCalls
        | Action::HangUp
        | Action::ListCallRecords
        | Action::ReadCallRecord
        | Action::ExplainCall
        | Action::ListDeliveries
        | Action::ReadDelivery
        | Action::Redeliver => return None,
    };
    let content = Content::new(Some(schema));
    let body = RequestBodyBuilder::new().required(Some(Required::True));
    Some(body.content(media_type, content).build())
}

/// The problems an operation may answer with, by status and name.
fn problems(operation: &Operation) -> Vec<(&'static str, &'static str)> {
    let is_named = operation.path.contains('{');
    let is_change = operation.method != Method::GET;
    let applies = |name: &str| match name {
        "NotFound" => is_named,
        "Conflict" | "Stale" | "TooLarge" | "MediaType" | "Refused" | "Busy" => is_change,
        _ => true,
    };
    PROBLEMS.iter().filter(|it| applies(it.1)).map(|(status, name, _)| (*status, *name)).collect()
}

/// Every problem: its status, its name in the document, what it says.
const PROBLEMS: &[(&str, &str, &str)] = &[
    ("400", "Malformed", "The request does not read."),
    ("401", "Unrecognised", "No credential, or a wrong one."),
    ("403", "Forbidden", "A permission is missing, or the account is inactive."),
    ("404", "NotFound", "There is no such thing in this account."),
    ("409", "Conflict", "Another request with the same idempotency key is under way."),
    ("412", "Stale", "It is at another version than If-Match says."),
    ("413", "TooLarge", "The body is too long."),
    ("415", "MediaType", "The body is not JSON."),
    ("422", "Refused", "Fields that cannot be taken, or the idempotency key of another request."),
    ("429", "Locked", "Too many wrong credentials from this address."),
    ("503", "Busy", "Too much is waiting; nothing was changed."),
];

fn problem(about: &str) -> utoipa::openapi::Response {
    let schema: RefOr<Schema> = Ref::from_schema_name("Problem").into();
    let content = Content::new(Some(schema));
    ResponseBuilder::new().description(about).content("application/problem+json", content).build()
}
