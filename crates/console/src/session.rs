//! Who asks: from the session's cookie to a caller, and from a form to one that is really his.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts};
use axum::http::{HeaderMap, Request, Uri, request::Parts};
use directory::Session;
use domain::caller::Caller;
use domain::credential::Voice;
use domain::permission::Permission;
use domain::snapshot::Snapshot;
use domain::user::User;
use domain::zone::TimeZone;
use jiff::Timestamp;

use crate::cookies::{SESSION, VISIT, read};
use crate::csrf;
use crate::fault::Fault;
use crate::form::Pairs;
use crate::state::Console;

/// Where a request came from; set by the server, which knows the connection and its proxies.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

/// A signed-in user with his account as it is at this moment.
pub(crate) struct Signed {
    pub(crate) console: Arc<Console>,
    pub(crate) caller: Caller,
    pub(crate) session: Arc<Session>,
    pub(crate) account: Arc<Snapshot>,
    pub(crate) user: Arc<User>,
    pub(crate) csrf: String,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) query: Pairs,
}

impl Signed {
    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.caller.may(permission)
    }

    /// A page whose every use asks for a permission is not found by those without it.
    pub(crate) fn require(&self, permission: Permission) -> Result<(), Fault> {
        if self.may(permission) {
            Ok(())
        } else {
            Err(directory::Error::Forbidden(permission).into())
        }
    }

    /// The viewer's zone: times are shown in it.
    pub(crate) fn zone(&self) -> TimeZone {
        self.user.identity.time_zone.unwrap_or(self.account.account.time_zone)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.console.directory.clock().now()
    }

    /// The same as it is now, for a page that watches; `None` once the session is over.
    pub(crate) fn again(&self) -> Option<Self> {
        let token = read(&self.headers, SESSION)?;
        let directory = &self.console.directory;
        let (caller, session) =
            directory.by_session(token, Voice::Console, self.caller.address).ok()?;
        let account = directory.account(&caller).ok()?;
        let user = account.user(session.user).cloned()?;
        Some(Self {
            console: Arc::clone(&self.console),
            csrf: self.csrf.clone(),
            query: self.query.clone(),
            uri: self.uri.clone(),
            headers: self.headers.clone(),
            caller,
            session,
            account,
            user,
        })
    }

    /// Whether htmx asks for a part of the page it shows.
    pub(crate) fn wants_part(&self) -> bool {
        self.headers.contains_key("hx-request")
            && !self.headers.contains_key("hx-history-restore-request")
    }
}

impl FromRequestParts<Arc<Console>> for Signed {
    type Rejection = Fault;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Arc<Console>,
    ) -> Result<Self, Self::Rejection> {
        let to = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        let part = parts.headers.contains_key("hx-request");
        let Some(token) = read(&parts.headers, SESSION) else {
            return Err(Fault::SignInNeeded { to, ended: false, part });
        };
        let known = console.directory.by_session(token, Voice::Console, address(parts));
        let Ok((caller, session)) = known else {
            let ended = console.ended.contains(token);
            return Err(Fault::SignInNeeded { to, ended, part });
        };
        let account = console.directory.account(&caller)?;
        let user = account.user(session.user).cloned().ok_or(Fault::NotFound)?;
        Ok(Self {
            console: Arc::clone(console),
            csrf: csrf::token(token),
            query: Pairs::parse(parts.uri.query().unwrap_or_default().as_bytes()),
            uri: parts.uri.clone(),
            headers: parts.headers.clone(),
            caller,
            session,
            account,
            user,
        })
    }
}

/// A form a signed-in user has sent from a page of ours.
pub(crate) struct Posted {
    pub(crate) signed: Signed,
    pub(crate) form: Pairs,
}

impl FromRequest<Arc<Console>> for Posted {
    type Rejection = Fault;

    async fn from_request(
        request: Request<Body>,
        console: &Arc<Console>,
    ) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let signed = Signed::from_request_parts(&mut parts, console).await?;
        let cookie = read(&parts.headers, SESSION);
        Ok(Self { form: own_form(body, cookie).await?, signed })
    }
}

/// Somebody who has not signed in: his forms are bound to a cookie of their own.
pub(crate) struct Visitor {
    pub(crate) console: Arc<Console>,
    pub(crate) address: Option<IpAddr>,
    /// The visit's cookie, made for this answer where the browser had none.
    pub(crate) visit: String,
    pub(crate) is_new: bool,
    pub(crate) headers: HeaderMap,
    pub(crate) query: Pairs,
}

/// Five bits each.
const VISIT_CHARACTERS: usize = 32;

impl FromRequestParts<Arc<Console>> for Visitor {
    type Rejection = Fault;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Arc<Console>,
    ) -> Result<Self, Self::Rejection> {
        let known = read(&parts.headers, VISIT).map(str::to_owned);
        Ok(Self {
            console: Arc::clone(console),
            address: address(parts),
            is_new: known.is_none(),
            visit: known.unwrap_or_else(|| directory::random_word(VISIT_CHARACTERS)),
            headers: parts.headers.clone(),
            query: Pairs::parse(parts.uri.query().unwrap_or_default().as_bytes()),
        })
    }
}

/// A form a visitor has sent from a page of ours.
pub(crate) struct Visited {
    pub(crate) visitor: Visitor,
    pub(crate) form: Pairs,
}

impl FromRequest<Arc<Console>> for Visited {
    type Rejection = Fault;

    async fn from_request(
        request: Request<Body>,
        console: &Arc<Console>,
    ) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, console).await?;
        let cookie = (!visitor.is_new).then_some(&*visitor.visit);
        Ok(Self { form: own_form(body, cookie).await?, visitor })
    }
}

/// A form as it was sent, if it came from a page of ours shown to the holder of this cookie.
async fn own_form(body: Body, cookie: Option<&str>) -> Result<Pairs, Fault> {
    let form = Pairs::read(body).await.ok_or(Fault::TooLarge)?;
    let shown = form.one(csrf::FIELD).unwrap_or_default();
    if cookie.is_some_and(|cookie| csrf::is_valid(shown, cookie)) {
        Ok(form)
    } else {
        Err(Fault::StaleForm)
    }
}

fn address(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<ClientAddress>().map(|address| address.0)
}
