//! A user's settings as fields: which control each has, and from a form to a patch.
//! What a value must satisfy is `domain`'s business.

use domain::change::Change;
use domain::fault::Fault;
use domain::id::UserId;
use domain::patch::UserPatch;
use domain::refusal::Refusal;
use domain::resource::TeamKind;
use domain::setting::Setting;
use domain::snapshot::Snapshot;
use domain::text::Language;
use domain::user::{CallScope, User};
use domain::zone::TimeZone;
use serde_json::Value;

use crate::destination;
use crate::fields::{Choice, Control, Field};
use crate::form::Pairs;
use crate::words;

/// Sections of a user's page: a concern each, in the order of the design's table.
pub(crate) const SECTIONS: &[(&str, &[Setting])] = &[
    (
        "Identity",
        &[
            Setting::FirstName,
            Setting::LastName,
            Setting::Email,
            Setting::Phone,
            Setting::Title,
            Setting::Language,
            Setting::TimeZone,
        ],
    ),
    ("Standing", &[Setting::Active, Setting::CallsBlocked, Setting::AgentDisabled]),
    (
        "Sign-in",
        &[
            Setting::Login,
            Setting::Password,
            Setting::WebLoginBlocked,
            Setting::TwoFactor,
            Setting::IpAllowListEnforced,
            Setting::IpAllowList,
            Setting::SessionMinutesMax,
            Setting::SessionsMax,
        ],
    ),
    (
        "Telephone",
        &[
            Setting::Extension,
            Setting::SipPassword,
            Setting::SipUri,
            Setting::PredictiveExtension,
            Setting::Webrtc,
            Setting::DevicesMax,
            Setting::CallsMax,
        ],
    ),
    (
        "Outgoing calls",
        &[
            Setting::CallerIds,
            Setting::RoutingCallerId,
            Setting::International,
            Setting::LoginRequired,
        ],
    ),
    (
        "Availability",
        &[
            Setting::Presence,
            Setting::ClockedIn,
            Setting::PredictiveClockedIn,
            Setting::RingSeconds,
            Setting::Failover,
        ],
    ),
    ("Teams", &[Setting::Groups, Setting::SkillGroups, Setting::Desks]),
    ("Rights and alerts", &[Setting::Role, Setting::CallScope, Setting::MissedCallSms]),
];

/// The field of a setting, showing a user's value.
pub(crate) fn field(setting: Setting, user: &User, account: &Snapshot) -> Field {
    let control = control(setting, user, account);
    let about = format!("{}{}", setting.about(), words::how_to_write(setting));
    Field::new(setting.name(), &words::setting(setting), &about, control)
}

/// The control of a setting. Shift and deletion have pages and buttons of their own; their text
/// is only shown.
pub(crate) fn control(setting: Setting, user: &User, account: &Snapshot) -> Control {
    let value = setting.read(user);
    let chosen = value.as_str().unwrap_or_default();
    match setting {
        Setting::FirstName
        | Setting::LastName
        | Setting::Title
        | Setting::Login
        | Setting::Extension
        | Setting::SipUri
        | Setting::PredictiveExtension => text(&value, "text"),
        Setting::Email => text(&value, "email"),
        Setting::Phone => text(&value, "tel"),
        Setting::Active
        | Setting::CallsBlocked
        | Setting::AgentDisabled
        | Setting::WebLoginBlocked
        | Setting::IpAllowListEnforced
        | Setting::Webrtc
        | Setting::International
        | Setting::LoginRequired
        | Setting::ClockedIn
        | Setting::PredictiveClockedIn
        | Setting::MissedCallSms
        | Setting::Deleted => Control::Flag { is_on: value == Value::Bool(true) },
        Setting::SessionMinutesMax
        | Setting::SessionsMax
        | Setting::DevicesMax
        | Setting::CallsMax
        | Setting::RingSeconds => Control::Number { value: value.to_string() },
        Setting::Password | Setting::SipPassword => {
            Control::Secret { is_set: value == Value::Bool(true) }
        }
        Setting::IpAllowList | Setting::Shift => Control::Lines { value: lines(&value) },
        Setting::Language => choice(languages(), chosen),
        Setting::TimeZone => choice(zones(account), chosen),
        Setting::TwoFactor => choice(listed(FACTORS), chosen),
        Setting::Presence => choice(listed(PRESENCES), chosen),
        Setting::RoutingCallerId => {
            let unset = (String::new(), "Not set".to_owned());
            choice(std::iter::once(unset).chain(numbers(account)).collect(), chosen)
        }
        Setting::Role => choice(roles(account), chosen),
        Setting::CallerIds => many(numbers(account).collect(), &value),
        Setting::Groups => many(teams(TeamKind::Group, account), &value),
        Setting::SkillGroups => many(with_all(teams(TeamKind::SkillGroup, account)), &value),
        Setting::Desks => many(with_all(teams(TeamKind::Desk, account)), &value),
        Setting::CallScope => text(&scope(user, account), "text"),
        Setting::Failover => {
            let failover = user.availability.failover;
            let word = failover.map(|it| destination::word(it, account));
            text(&word.into(), "text")
        }
    }
}

fn text(value: &Value, kind: &'static str) -> Control {
    Control::Text { value: value.as_str().unwrap_or_default().to_owned(), kind }
}

fn lines(value: &Value) -> String {
    let values = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    values.collect::<Vec<_>>().join("\n")
}

/// "own", "all", or extensions.
fn scope(user: &User, account: &Snapshot) -> Value {
    match &user.call_scope {
        CallScope::Own => "own".into(),
        CallScope::All => "all".into(),
        CallScope::Users(users) => {
            let users = users.iter().filter_map(|id| account.user(*id));
            let words: Vec<_> = users.map(|user| reference(user)).collect();
            words.join(", ").into()
        }
    }
}

/// How a form names a colleague: by extension where he has one.
pub(crate) fn reference(user: &User) -> String {
    let extension = user.telephone.extension.map(|it| it.to_string());
    let login = || user.sign_in.login.as_ref().map(ToString::to_string);
    extension.or_else(login).unwrap_or_else(|| user.id.to_string())
}

/// The user a form names by extension, login or id.
pub(crate) fn referenced(word: &str, account: &Snapshot) -> Option<UserId> {
    let extension = domain::extension::Extension::parse(word).ok();
    let by_extension = extension.and_then(|it| account.user_by_extension(it));
    let by_login = || account.user_by_login(word);
    let by_id = || account.user(word.parse().ok()?);
    by_extension.or_else(by_login).or_else(by_id).map(|user| user.id)
}

/// A value of a form and what a person reads for it.
type Named = (String, String);

fn choice(options: Vec<Named>, chosen: &str) -> Control {
    let option = |(value, label): Named| {
        let is_chosen = value == chosen;
        Choice { value, label, is_chosen }
    };
    Control::Choice { options: options.into_iter().map(option).collect() }
}

fn many(options: Vec<Named>, values: &Value) -> Control {
    let is_all = |value: &str| value == "all" && values.as_str() == Some("all");
    let option = |(value, label): Named| {
        let is_chosen =
            is_all(&value) || values.as_array().into_iter().flatten().any(|it| *it == *value);
        Choice { value, label, is_chosen }
    };
    Control::Many { options: options.into_iter().map(option).collect() }
}

const FACTORS: &[(&str, &str)] = &[
    ("inherit", "As the role or the account asks"),
    ("off", "None"),
    ("email", "Code by e-mail"),
    ("totp", "Authenticator app"),
];

/// Presences, for this form and for filters.
pub(crate) const PRESENCES: &[(&str, &str)] = &[
    ("online", "Online"),
    ("break", "On a break"),
    ("offline", "Offline"),
    ("dialer", "Dialer's calls only"),
];

fn listed(options: &[(&str, &str)]) -> Vec<Named> {
    options.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect()
}

fn languages() -> Vec<Named> {
    let unset = (String::new(), "Not set".to_owned());
    let all = Language::ALL.into_iter().map(|it| (it.code().to_owned(), language(it).to_owned()));
    std::iter::once(unset).chain(all).collect()
}

const fn language(language: Language) -> &'static str {
    match language {
        Language::EnglishUnitedStates => "English (United States)",
        Language::SpanishSpain => "Spanish (Spain)",
        Language::PortugueseBrazil => "Portuguese (Brazil)",
        Language::RussianRussia => "Russian (Russia)",
    }
}

fn zones(account: &Snapshot) -> Vec<Named> {
    let unset = (String::new(), format!("The account's: {}", account.account.time_zone));
    let mut names: Vec<_> = TimeZone::all().map(TimeZone::name).collect();
    names.sort_unstable();
    let named = names.into_iter().map(|it| (it.to_owned(), it.to_owned()));
    std::iter::once(unset).chain(named).collect()
}

fn numbers(account: &Snapshot) -> impl Iterator<Item = Named> {
    let numbers = account.numbers.values().filter(|it| !it.deleted);
    numbers.map(|it| (it.id.to_string(), it.number.to_string()))
}

fn roles(account: &Snapshot) -> Vec<Named> {
    let roles = account.roles.values().filter(|it| !it.deleted);
    roles.map(|it| (it.id.to_string(), it.name.to_string())).collect()
}

fn teams(kind: TeamKind, account: &Snapshot) -> Vec<Named> {
    let teams = account.teams.values().filter(|it| !it.deleted && it.kind == kind);
    teams.map(|it| (it.id.to_string(), it.name.to_string())).collect()
}

/// "All" stands for every team of the kind, present and future.
fn with_all(teams: Vec<Named>) -> Vec<Named> {
    let all = ("all".to_owned(), "All, present and future".to_owned());
    std::iter::once(all).chain(teams).collect()
}

/// What a form asks of a setting: nothing where it does not speak of it.
///
/// # Errors
///
/// The value is not one of the setting's.
pub(crate) fn write(
    setting: Setting,
    form: &Pairs,
    patch: &mut UserPatch,
    (user, account): (&User, &Snapshot),
) -> Result<(), Refusal> {
    let Some(value) = control(setting, user, account).read(setting.name(), form) else {
        return Ok(());
    };
    let unknown = || Refusal::new(setting, Fault::Unknown);
    let value = match (setting, value.as_str()) {
        (Setting::CallScope, _) => written_scope(&value, account).ok_or_else(unknown)?,
        (Setting::Failover, Some(word)) => {
            let meant = destination::meant(word, account).ok_or_else(unknown)?;
            serde_json::to_value(meant).unwrap_or_default()
        }
        (_, None) if has_all(&value) => "all".into(),
        _ => value,
    };
    let written = setting.write(patch, &value, account.account.country);
    written.map_err(|fault| Refusal::new(setting, fault))
}

fn has_all(value: &Value) -> bool {
    value.as_array().into_iter().flatten().any(|it| it == "all")
}

fn written_scope(value: &Value, account: &Snapshot) -> Option<Value> {
    match value.as_str() {
        None | Some("own") => Some("own".into()),
        Some("all") => Some("all".into()),
        Some(words) => words
            .split([',', ' '])
            .filter(|word| !word.is_empty())
            .map(|word| referenced(word, account).map(|id| Value::from(id.to_string())))
            .collect(),
    }
}

/// The patch of a whole form, without what it leaves as it is: a user sent back unchanged must
/// not need the permission to change his role.
///
/// # Errors
///
/// Every value that is none of its setting's.
pub(crate) fn patch(
    form: &Pairs,
    user: &User,
    account: &Snapshot,
) -> Result<UserPatch, Vec<Refusal>> {
    let (mut patch, mut refusals) = (UserPatch::default(), Vec::new());
    for setting in SECTIONS.iter().flat_map(|(_, settings)| settings.iter().copied()) {
        let mut one = UserPatch::default();
        match write(setting, form, &mut one, (user, account)) {
            Ok(()) if !one.is_empty() && differs(setting, form, user, account) => {
                // Parsed once already, so it parses again.
                let _ = write(setting, form, &mut patch, (user, account));
            }
            Ok(()) => {}
            Err(refusal) => refusals.push(refusal),
        }
    }
    if refusals.is_empty() { Ok(patch) } else { Err(refusals) }
}

/// Whether the form shows another value than the page did.
fn differs(setting: Setting, form: &Pairs, user: &User, account: &Snapshot) -> bool {
    let control = control(setting, user, account);
    let name = setting.name();
    match control.read(name, form) {
        None => false,
        Some(asked) => asked != shown(&control),
    }
}

/// What a form sends that is left as the page shows it.
fn shown(control: &Control) -> Value {
    let text = |value: &str| {
        let value = value.trim();
        if value.is_empty() { Value::Null } else { Value::from(value) }
    };
    match control {
        Control::Text { value, .. } | Control::Number { value } => text(value),
        Control::Flag { is_on } => Value::Bool(*is_on),
        Control::Choice { options } => {
            let chosen = options.iter().find(|it| it.is_chosen).or(options.first());
            chosen.map_or(Value::Null, |it| text(&it.value))
        }
        Control::Many { options } => {
            options.iter().filter(|it| it.is_chosen).map(|it| it.value.clone()).collect()
        }
        Control::Lines { value } => value.lines().map(Value::from).collect(),
        Control::Secret { .. } => Value::Null,
    }
}

/// A value of "this user, changed": for bulk edits, which speak of one setting only.
///
/// # Errors
///
/// The value is none of the setting's.
pub(crate) fn patch_of_one(
    setting: Setting,
    form: &Pairs,
    (user, account): (&User, &Snapshot),
) -> Result<UserPatch, Refusal> {
    let mut patch = UserPatch::default();
    write(setting, form, &mut patch, (user, account))?;
    Ok(patch)
}

/// The patch that marks a user deleted, or not.
pub(crate) fn deletion(is_deleted: bool) -> UserPatch {
    UserPatch { deleted: Change::Set(is_deleted), ..UserPatch::default() }
}
