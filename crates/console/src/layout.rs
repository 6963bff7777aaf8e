//! The frame around every page: navigation, who is signed in, the waiting message.

use domain::permission::Permission;

use crate::assets::{HTMX, ICON, SCRIPT, STYLE};
use crate::csrf;
use crate::flash::Flash;
use crate::session::{Signed, Visitor};

/// What `base.html` shows besides the page itself.
pub(crate) struct Shell {
    pub(crate) title: String,
    pub(crate) csrf: String,
    pub(crate) flash: Option<Flash>,
    /// `None` before sign-in.
    pub(crate) signed: Option<Frame>,
}

/// What only a signed-in user sees.
pub(crate) struct Frame {
    pub(crate) account: String,
    pub(crate) name: String,
    pub(crate) zone: String,
    pub(crate) places: Vec<Place>,
}

/// One entry of the navigation.
pub(crate) struct Place {
    pub(crate) label: &'static str,
    pub(crate) path: &'static str,
    pub(crate) is_current: bool,
}

/// Label, path, and the permission without which it is not shown.
const PLACES: &[(&str, &str, Permission)] = &[
    ("Users", "/users", Permission::UsersRead),
    ("Live", "/live", Permission::CallsRead),
    ("Calls", "/calls", Permission::CallsRead),
    ("Teams", "/teams", Permission::ResourcesRead),
    ("Numbers", "/numbers", Permission::ResourcesRead),
    ("Trunks", "/trunks", Permission::AccountWrite),
    ("Shift templates", "/shift-templates", Permission::ResourcesRead),
    ("Roles", "/roles", Permission::ResourcesRead),
    ("Blocked numbers", "/blocked-numbers", Permission::ResourcesRead),
    ("Integrations", "/integrations", Permission::CredentialsWrite),
    ("Webhooks", "/webhooks", Permission::AccountWrite),
    ("Alerts", "/alerts", Permission::AccountWrite),
    ("Audit", "/audit", Permission::HistoryRead),
    ("Phone", "/phone", Permission::OwnWrite),
    ("My page", "/me", Permission::OwnWrite),
];

impl Shell {
    pub(crate) fn of(signed: &Signed, title: impl Into<String>) -> Self {
        let path = signed.uri.path();
        let places = PLACES.iter().filter(|(_, _, permission)| signed.may(*permission));
        let places = places.map(|(label, place, _)| Place {
            label,
            path: place,
            is_current: path
                .strip_prefix(place)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        });
        Self {
            title: title.into(),
            csrf: signed.csrf.clone(),
            flash: Flash::take(&signed.headers),
            signed: Some(Frame {
                account: signed.account.account.name.to_string(),
                name: signed.user.name(),
                zone: signed.zone().to_string(),
                places: places.collect(),
            }),
        }
    }

    /// For somebody who has not signed in.
    pub(crate) fn before_sign_in(visitor: &Visitor, title: &str) -> Self {
        let flash = Flash::take(&visitor.headers);
        Self { csrf: csrf::token(&visitor.visit), flash, ..Self::bare(title) }
    }

    /// A page without forms.
    pub(crate) fn bare(title: &str) -> Self {
        Self { title: title.to_owned(), csrf: String::new(), flash: None, signed: None }
    }

    pub(crate) fn style() -> &'static str {
        &STYLE.address
    }

    pub(crate) fn script() -> &'static str {
        &SCRIPT.address
    }

    pub(crate) fn htmx() -> &'static str {
        &HTMX.address
    }

    pub(crate) fn icon() -> &'static str {
        &ICON.address
    }
}
