//! Every operation of the API: its method, path, permission and summary. Routing, permission checks
//! and the OpenAPI document all come from this table.

use std::sync::LazyLock;

use axum::http::Method;
use domain::permission::Permission;

use super::BASE;

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
}

/// What an operation does.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    ListUsers,
    ReadUser,
    CreateUser,
    ChangeUser,
    DeleteUser,
    RestoreUser,
    ReadUserHistory,
}

impl Operation {
    /// The path as the router takes it.
    #[must_use]
    pub fn full_path(&self) -> String {
        format!("{BASE}{}", self.path)
    }
}

/// Every operation.
pub static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(users);

const READ_USERS: Access = Access::Needs(&[Permission::UsersRead]);
const WRITE_USERS: Access = Access::Needs(&[Permission::UsersWrite]);
const READ_HISTORY: Access = Access::Needs(&[Permission::HistoryRead]);

#[rustfmt::skip] // One operation, one line.
fn users() -> Vec<Operation> {
    vec![
        operation(Method::GET, "/users", READ_USERS, "List users", Action::ListUsers),
        operation(Method::POST, "/users", WRITE_USERS, "Create a user", Action::CreateUser),
        operation(Method::GET, "/users/{id}", READ_USERS, "Read a user", Action::ReadUser),
        operation(Method::PATCH, "/users/{id}", WRITE_USERS, "Change a user by JSON Merge Patch", Action::ChangeUser),
        operation(Method::DELETE, "/users/{id}", WRITE_USERS, "Delete a user, restorably", Action::DeleteUser),
        operation(Method::POST, "/users/{id}/restore", WRITE_USERS, "Make a user what he was at an earlier version", Action::RestoreUser),
        operation(Method::GET, "/users/{id}/history", READ_HISTORY, "List the changes of a user, newest first", Action::ReadUserHistory),
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
