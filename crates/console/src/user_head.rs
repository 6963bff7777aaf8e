//! The head of one user's pages: who it is, his standing, the tabs.

use domain::id::UserId;
use domain::permission::Permission;
use domain::user::User;

use crate::fault::Fault;
use crate::people::{Status, status};
use crate::session::Signed;

/// What `user_head.html` shows.
pub(crate) struct UserHead {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) extension: String,
    pub(crate) status: Status,
    pub(crate) tabs: Vec<Tab>,
}

pub(crate) struct Tab {
    pub(crate) label: &'static str,
    pub(crate) path: String,
    pub(crate) is_current: bool,
}

/// Label, what follows the user's path, and the permission asked for besides reading users.
const TABS: &[(&str, &str, Permission)] = &[
    ("Settings", "", Permission::UsersRead),
    ("Shift", "/shift", Permission::UsersRead),
    ("Devices", "/devices", Permission::UsersRead),
    ("Calls", "/calls", Permission::CallsRead),
    ("History", "/history", Permission::HistoryRead),
    ("Why?", "/why", Permission::UsersRead),
    ("Sessions", "/sessions", Permission::UsersRead),
];

impl UserHead {
    pub(crate) fn of(signed: &Signed, user: &User) -> Self {
        let path = signed.uri.path();
        let tabs = TABS.iter().filter(|(_, _, permission)| signed.may(*permission));
        let tab = |(label, rest, _): &(&'static str, &str, Permission)| {
            let tab = format!("/users/{}{rest}", user.id);
            Tab { label, is_current: tab == path, path: tab }
        };
        let name = user.name();
        Self {
            id: user.id.to_string(),
            name: if name.is_empty() { "No name".to_owned() } else { name },
            extension: user.telephone.extension.map(|it| it.to_string()).unwrap_or_default(),
            status: status(user, &signed.account, &signed.console, signed.now()),
            tabs: tabs.map(tab).collect(),
        }
    }
}

impl Signed {
    /// The user a path names, for whoever may read users.
    pub(crate) fn read_user(&self, id: &str) -> Result<std::sync::Arc<User>, Fault> {
        self.require(Permission::UsersRead)?;
        let id: UserId = id.parse().map_err(|_| Fault::NotFound)?;
        self.account.user(id).cloned().ok_or(Fault::NotFound)
    }
}
