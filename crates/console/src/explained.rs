//! Steps of a decision as a person follows them: each rule passed, the setting behind it, its
//! value, who set it and when.

use directory::ChangeRow;
use domain::permission::Permission;
use domain::policy::explain::ExplainedStep;
use domain::setting::Setting;
use domain::snapshot::Snapshot;
use domain::user::User;
use serde_json::Value;

use crate::session::Signed;
use crate::words;

/// What `steps.html` shows of one step.
pub(crate) struct Step {
    pub(crate) passed: bool,
    pub(crate) rule: &'static str,
    pub(crate) sentence: String,
    pub(crate) setting: Option<String>,
    /// None where the viewer may not read what was set then.
    pub(crate) value: Option<String>,
    pub(crate) set_by: Option<String>,
}

/// The steps of a decision about the user as he was then.
pub(crate) async fn steps_of(
    signed: &Signed,
    account: &Snapshot,
    user: &User,
    explained: &[ExplainedStep],
) -> Vec<Step> {
    let zone = signed.zone();
    let settings: Vec<Setting> = explained.iter().filter_map(|it| it.setting).collect();
    // Without the right to read history the decision is shown all the same, without names.
    let directory = &signed.console.directory;
    let rows = directory.who_set(user, &settings, &signed.caller).await.unwrap_or_default();
    let set_by = |setting: Setting| {
        let place = settings.iter().position(|it| *it == setting)?;
        rows.get(place)?.as_ref().map(|row| said_by(signed, row))
    };
    // What was set in the past comes as null to those who may not read it.
    let is_known = |value: &Value| !value.is_null() || signed.may(Permission::HistoryRead);
    let value = |it: &ExplainedStep, setting: Setting| {
        is_known(&it.value).then(|| words::value(setting.name(), &it.value, account, zone))
    };
    let step = |it: &ExplainedStep| Step {
        passed: it.passed,
        rule: it.rule,
        sentence: it.sentence.to_string(),
        setting: it.setting.map(words::setting),
        value: it.setting.and_then(|setting| value(it, setting)),
        set_by: it.setting.and_then(set_by),
    };
    explained.iter().map(step).collect()
}

fn said_by(signed: &Signed, row: &ChangeRow) -> String {
    let at = words::clock(words::at(row), signed.zone());
    let (who, dialect) = (words::caller(row), words::dialect(&row.dialect));
    format!("set by {who} on {at} through {dialect}")
}
