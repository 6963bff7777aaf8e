//! What a change ends: registrations, live calls and web sessions that may not go on.
//! It only says what; `directory` has it done before the change is answered.

use crate::setting::Setting;
use crate::user::User;

/// What must end because of one change of a user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Endings {
    pub registrations: Registrations,
    pub calls: Calls,
    pub sessions: Sessions,
}

/// Which registrations are removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Registrations {
    #[default]
    None,
    All,
    Some {
        /// Those made with another SIP password than the one now stored.
        old_password: bool,
        over_websocket: bool,
        /// Those from an address the list does not let through.
        outside: bool,
    },
}

/// Which live calls are ended, with BYE to both sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Calls {
    #[default]
    None,
    OverWebSocket,
    All,
}

/// Which web and token sessions are ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sessions {
    #[default]
    None,
    /// Those from an address the list does not let through.
    Outside,
    All,
}

/// How many of each a change has ended: part of its answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Ended {
    pub registrations: u32,
    pub calls: u32,
    pub sessions: u32,
}

impl Endings {
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Whether anything on the telephone side ends.
    #[must_use]
    pub fn touches_telephony(&self) -> bool {
        self.registrations != Registrations::None || self.calls != Calls::None
    }
}

/// What the step from `before` to `after` ends.
#[must_use]
pub fn endings(before: &User, after: &User) -> Endings {
    if before.stands() && !after.stands() {
        return Endings {
            registrations: Registrations::All,
            calls: Calls::All,
            sessions: Sessions::All,
        };
    }
    Endings {
        registrations: registrations(before, after),
        calls: calls(before, after),
        sessions: sessions(before, after),
    }
}

fn registrations(before: &User, after: &User) -> Registrations {
    let set = |was: bool, is: bool| !was && is;
    let renamed = before.telephone.extension.is_some() && !Setting::Extension.same(before, after);
    if renamed || set(before.standing.agent_disabled, after.standing.agent_disabled) {
        return Registrations::All;
    }
    let old_password =
        before.telephone.sip_digest.is_some() && !Setting::SipPassword.same(before, after);
    let over_websocket = before.telephone.webrtc && !after.telephone.webrtc;
    let outside = list_tightened(before, after);
    if old_password || over_websocket || outside {
        Registrations::Some { old_password, over_websocket, outside }
    } else {
        Registrations::None
    }
}

fn calls(before: &User, after: &User) -> Calls {
    let set = |was: bool, is: bool| !was && is;
    let (was, is) = (&before.standing, &after.standing);
    if set(was.agent_disabled, is.agent_disabled) || set(was.calls_blocked, is.calls_blocked) {
        Calls::All
    } else if before.telephone.webrtc && !after.telephone.webrtc {
        Calls::OverWebSocket
    } else {
        Calls::None
    }
}

/// A changed role ends no session: rights are read anew with every request.
fn sessions(before: &User, after: &User) -> Sessions {
    let blocked = !before.sign_in.web_login_blocked && after.sign_in.web_login_blocked;
    let renewed = before.sign_in.password.is_some() && !Setting::Password.same(before, after);
    if blocked || renewed {
        Sessions::All
    } else if list_tightened(before, after) {
        Sessions::Outside
    } else {
        Sessions::None
    }
}

/// Whether the address list may now shut out somebody it let through.
fn list_tightened(before: &User, after: &User) -> bool {
    let (was, is) = (&before.sign_in, &after.sign_in);
    is.ip_allow_list_enforced
        && (!was.ip_allow_list_enforced || was.ip_allow_list != is.ip_allow_list)
}
