//! One setting changed for many users: what each would become, as one operation of the directory.

use std::sync::Arc;

use directory::{PatchFrom, UserWork};
use domain::fault::Fault;
use domain::id::UserId;
use domain::patch::UserPatch;
use domain::refusal::Refusal;
use domain::setting::Setting;
use domain::snapshot::Snapshot;
use domain::user::User;
use serde_json::Value;

use crate::fields::Control;
use crate::form::Pairs;
use crate::setting_fields::{control, patch_of_one};

/// What makes sense to change for many at once: nothing that must differ between users.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting::Active,
    Setting::CallsBlocked,
    Setting::AgentDisabled,
    Setting::Presence,
    Setting::ClockedIn,
    Setting::Groups,
    Setting::SkillGroups,
    Setting::Desks,
    Setting::CallerIds,
    Setting::RoutingCallerId,
    Setting::International,
    Setting::LoginRequired,
    Setting::WebLoginBlocked,
    Setting::TwoFactor,
    Setting::IpAllowListEnforced,
    Setting::IpAllowList,
    Setting::SessionMinutesMax,
    Setting::SessionsMax,
    Setting::Webrtc,
    Setting::DevicesMax,
    Setting::CallsMax,
    Setting::TimeZone,
    Setting::Language,
    Setting::MissedCallSms,
    Setting::Role,
    Setting::Deleted,
];

/// What happens to a set: replaced, or a few added or taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Set,
    Add,
    Remove,
}

impl Mode {
    pub(crate) fn parse(word: Option<&str>) -> Self {
        match word {
            Some("add") => Self::Add,
            Some("remove") => Self::Remove,
            Some(_) | None => Self::Set,
        }
    }
}

/// One row of the operation. A user who is at another version than `seen` is refused: what was
/// looked at would not be what is applied.
pub(crate) fn work(
    user: UserId,
    seen: Option<u32>,
    setting: Setting,
    form: &Arc<Pairs>,
) -> UserWork {
    let form = Arc::clone(form);
    let mode = Mode::parse(form.text("mode"));
    let patch: PatchFrom = Arc::new(move |user, account| {
        if seen.is_some_and(|seen| seen != user.version) {
            let fault = Fault::Conflict { with: "a change made meanwhile" };
            return Err(vec![Refusal::new(setting, fault)]);
        }
        patch(setting, mode, &form, (user, account)).map_err(|refusal| vec![refusal])
    });
    UserWork::ChangeFrom { user, patch }
}

fn patch(
    setting: Setting,
    mode: Mode,
    form: &Pairs,
    (user, account): (&User, &Snapshot),
) -> Result<UserPatch, Refusal> {
    let is_set = matches!(control(setting, user, account), Control::Many { .. });
    let asked: Vec<Value> =
        form.all(setting.name()).filter(|it| !it.is_empty()).map(Value::from).collect();
    let value = match (mode, setting.read(user)) {
        (Mode::Add, Value::Array(mut own)) if is_set && !asked.iter().any(|it| it == "all") => {
            own.extend(asked);
            Value::Array(own)
        }
        (Mode::Remove, Value::Array(mut own)) if is_set => {
            own.retain(|it| !asked.contains(it));
            Value::Array(own)
        }
        // Somebody in all teams of a kind already has one more.
        (Mode::Add, Value::String(all)) if is_set => Value::String(all),
        (Mode::Set | Mode::Add | Mode::Remove, _) => {
            return patch_of_one(setting, form, (user, account));
        }
    };
    let mut patch = UserPatch::default();
    let written = setting.write(&mut patch, &value, account.account.country);
    written.map(|()| patch).map_err(|fault| Refusal::new(setting, fault))
}
