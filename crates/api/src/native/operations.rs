//! Every operation of the API: its method, path, permission and summary. Routing, permission checks
//! and the OpenAPI document all come from this table.

use std::slice;
use std::sync::LazyLock;

use axum::http::Method;
use domain::permission::Permission;
use domain::resource::ResourceKind;

use super::BASE;
use super::kinds::{KINDS, Kind};

/// One operation.
#[derive(Debug)]
pub struct Operation {
    pub method: Method,
    /// Below [`BASE`].
    pub path: String,
    pub access: Access,
    /// One line, for the document.
    pub summary: String,
    pub action: Action,
}

/// Who may ask for an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Every recognised caller.
    AnyCaller,
    /// Callers who hold all of these.
    Needs(&'static [Permission]),
    /// Callers who hold one of these; what they get depends on which.
    NeedsOne(&'static [Permission]),
    /// Callers who hold this, and users where it concerns nobody but themselves: the directory's
    /// to tell apart.
    OwnOr(Permission),
}

/// What an operation does.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    ListUsers,
    ReadUser,
    CreateUser,
    ChangeUser,
    DeleteUser,
    ChangeManyUsers,
    RestoreUser,
    ReadUserHistory,
    ExplainUser,
    ListSessions,
    EndSessions,
    ReadMe,
    ChangeMe,
    List(&'static Kind),
    Read(&'static Kind),
    Create(&'static Kind),
    Change(&'static Kind),
    Delete(&'static Kind),
    ReadAccount,
    ChangeAccount,
    ListChanges,
    VerifyChanges,
    StreamChanges,
    ReadTrunkState,
    ListRegistrations,
    ListUserRegistrations,
    DropRegistrations,
    ListCalls,
    PlaceCall,
    HangUp,
    ListCallRecords,
    ReadCallRecord,
    ExplainCall,
    ListDeliveries,
    ReadDelivery,
    Redeliver,
}

impl Operation {
    /// The path as the router takes it.
    #[must_use]
    pub fn full_path(&self) -> String {
        format!("{BASE}{}", self.path)
    }
}

/// Every operation.
pub static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    users().into_iter().chain(KINDS.iter().flat_map(kind)).chain(calls()).chain(others()).collect()
});

const READ_USERS: Access = Access::Needs(&[Permission::UsersRead]);
const WRITE_USERS: Access = Access::Needs(&[Permission::UsersWrite]);
const READ_HISTORY: Access = Access::Needs(&[Permission::HistoryRead]);
const LISTEN: Access = Access::NeedsOne(&[Permission::HistoryRead, Permission::CallsRead]);
const EXPLAIN: Access = Access::Needs(&[Permission::UsersRead, Permission::HistoryRead]);
const WRITE_OWN: Access = Access::Needs(&[Permission::OwnWrite]);
const READ_CALLS: Access = Access::Needs(&[Permission::CallsRead]);
const OPERATE_CALLS: Access = Access::OwnOr(Permission::CallsOperate);
const READ_RESOURCES: Access = Access::Needs(&[Permission::ResourcesRead]);
const WRITE_ACCOUNT: Access = Access::Needs(&[Permission::AccountWrite]);

#[rustfmt::skip] // One operation, one line.
fn users() -> Vec<Operation> {
    vec![
        operation(Method::GET, "/users", READ_USERS, "List users", Action::ListUsers),
        operation(Method::POST, "/users", WRITE_USERS, "Create a user", Action::CreateUser),
        operation(Method::POST, "/users/bulk", WRITE_USERS, "Create and change many users", Action::ChangeManyUsers),
        operation(Method::GET, "/users/{id}", READ_USERS, "Read a user", Action::ReadUser),
        operation(Method::PATCH, "/users/{id}", WRITE_USERS, "Change a user by JSON Merge Patch", Action::ChangeUser),
        operation(Method::DELETE, "/users/{id}", WRITE_USERS, "Delete a user, restorably", Action::DeleteUser),
        operation(Method::POST, "/users/{id}/restore", WRITE_USERS, "Make a user what he was at an earlier version", Action::RestoreUser),
        operation(Method::GET, "/users/{id}/history", READ_HISTORY, "List the changes of a user, newest first", Action::ReadUserHistory),
        operation(Method::GET, "/users/{id}/explain", EXPLAIN, "Explain why a call, registration or sign-in is decided as it is", Action::ExplainUser),
        operation(Method::GET, "/users/{id}/sessions", READ_USERS, "List a user's web sessions", Action::ListSessions),
        operation(Method::DELETE, "/users/{id}/sessions", WRITE_USERS, "End all of a user's web sessions", Action::EndSessions),
        operation(Method::DELETE, "/users/{id}/sessions/{session}", WRITE_USERS, "End one web session of a user", Action::EndSessions),
    ]
}

fn kind(kind: &'static Kind) -> [Operation; 5] {
    let all = format!("/{}", kind.path);
    let one = format!("{all}/{{id}}");
    let (read, write) = (reading(kind.kind), writing(kind.kind));
    let (this, these) = (kind.one, kind.many);
    [
        operation(Method::GET, &all, read, &format!("List {these}"), Action::List(kind)),
        operation(Method::POST, &all, write, &format!("Create {this}"), Action::Create(kind)),
        operation(Method::GET, &one, read, &format!("Read {this}"), Action::Read(kind)),
        operation(
            Method::PATCH,
            &one,
            write,
            &format!("Change {this} by JSON Merge Patch"),
            Action::Change(kind),
        ),
        operation(Method::DELETE, &one, write, &format!("Delete {this}"), Action::Delete(kind)),
    ]
}

/// Who may see a kind: what holds or leads to secrets only those who may change it.
fn reading(kind: ResourceKind) -> Access {
    match kind {
        ResourceKind::Number
        | ResourceKind::Team
        | ResourceKind::Role
        | ResourceKind::BlockedNumber
        | ResourceKind::ShiftTemplate => READ_RESOURCES,
        ResourceKind::Credential | ResourceKind::Trunk | ResourceKind::Webhook => writing(kind),
    }
}

fn writing(kind: ResourceKind) -> Access {
    let needed = directory::permission_for(kind);
    let known = Permission::ALL.iter().find(|permission| **permission == needed);
    Access::Needs(known.map_or(Permission::ALL, slice::from_ref))
}

#[rustfmt::skip] // One operation, one line.
fn calls() -> Vec<Operation> {
    vec![
        operation(Method::GET, "/trunks/{id}/state", WRITE_ACCOUNT, "Read whether a trunk's other side answers, and what the trunk carries", Action::ReadTrunkState),
        operation(Method::GET, "/registrations", READ_USERS, "List registered devices", Action::ListRegistrations),
        operation(Method::GET, "/users/{id}/registrations", Access::OwnOr(Permission::UsersRead), "List a user's registered devices", Action::ListUserRegistrations),
        operation(Method::DELETE, "/users/{id}/registrations", OPERATE_CALLS, "Remove a user's registered devices, or the one of `contact`", Action::DropRegistrations),
        operation(Method::GET, "/calls", READ_CALLS, "List the calls going on", Action::ListCalls),
        operation(Method::POST, "/calls", OPERATE_CALLS, "Ring a user, then call a destination for him", Action::PlaceCall),
        operation(Method::DELETE, "/calls/{id}", OPERATE_CALLS, "End a call", Action::HangUp),
        operation(Method::GET, "/call-records", READ_CALLS, "List finished calls, newest first", Action::ListCallRecords),
        operation(Method::GET, "/call-records/{id}", READ_CALLS, "Read a finished call", Action::ReadCallRecord),
        operation(Method::GET, "/call-records/{id}/explain", READ_CALLS, "Explain why a finished call went as it did", Action::ExplainCall),
    ]
}

#[rustfmt::skip] // One operation, one line.
fn others() -> Vec<Operation> {
    vec![
        operation(Method::GET, "/account", READ_RESOURCES, "Read the account", Action::ReadAccount),
        operation(Method::PATCH, "/account", WRITE_ACCOUNT, "Change the account by JSON Merge Patch", Action::ChangeAccount),
        operation(Method::GET, "/changes", READ_HISTORY, "List the account's changes, newest first", Action::ListChanges),
        operation(Method::GET, "/changes/verify", READ_HISTORY, "Check that the log of changes is as it was written", Action::VerifyChanges),
        operation(Method::GET, "/events", LISTEN, "Stream changes as they are made and calls as they go on (server-sent events)", Action::StreamChanges),
        operation(Method::GET, "/deliveries", WRITE_ACCOUNT, "List messages sent out, newest first", Action::ListDeliveries),
        operation(Method::GET, "/deliveries/{id}", WRITE_ACCOUNT, "Read what became of a message", Action::ReadDelivery),
        operation(Method::POST, "/deliveries/{id}/redeliver", WRITE_ACCOUNT, "Send a message again", Action::Redeliver),
        operation(Method::GET, "/me", Access::AnyCaller, "Read who the caller is", Action::ReadMe),
        operation(Method::PATCH, "/me", WRITE_OWN, "Change one's own user by JSON Merge Patch", Action::ChangeMe),
    ]
}

fn operation(
    method: Method,
    path: &str,
    access: Access,
    summary: &str,
    action: Action,
) -> Operation {
    Operation { method, path: path.to_owned(), access, summary: summary.to_owned(), action }
}
