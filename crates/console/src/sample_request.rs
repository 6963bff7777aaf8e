//! A ready update request for each vendor, with this account's own ids; secrets are never known
//! here, so their places are named.

use domain::credential::Voice;
use domain::user::User;

use crate::new_credential::app_id;
use crate::session::Signed;
use crate::words;

pub(crate) struct Sample {
    pub(crate) id: &'static str,
    pub(crate) vendor: &'static str,
    pub(crate) curl: String,
}

/// With the first user who can be called in it; none where there is no user yet.
pub(crate) fn samples(signed: &Signed) -> Vec<Sample> {
    let callable =
        |user: &&std::sync::Arc<User>| !user.is_deleted() && user.telephone.extension.is_some();
    let Some(user) = signed.account.users().find(callable) else { return Vec::new() };
    let host = signed.headers.get("host").and_then(|it| it.to_str().ok()).unwrap_or("localhost");
    let scheme = if signed.console.config.tls { "https" } else { "http" };
    let base = format!("{scheme}://{host}");
    let sample =
        |voice: Voice, curl: String| Sample { id: voice.word(), vendor: words::voice(voice), curl };
    vec![
        sample(Voice::CallerDesk, callerdesk(&base, user)),
        sample(Voice::TeleCmi, telecmi(&base, user, signed)),
        sample(Voice::Acefone, platform(&base, "acefone", user)),
        sample(Voice::Smartflo, platform(&base, "smartflo", user)),
        sample(Voice::CommPeak, commpeak(&base, user)),
        sample(Voice::Native, native(&base, user)),
    ]
}

fn name(user: &User) -> String {
    let name = user.name();
    let name = if name.is_empty() { "Asha Rao".to_owned() } else { name };
    name.replace(['\'', '"', '\\'], " ")
}

fn callerdesk(base: &str, user: &User) -> String {
    format!(
        "curl -X POST {base}/callerdesk/api/updatemember_v2 -H 'authcode: AUTHCODE' \\\n  \
         -H 'member_id: {}' -H 'member_name: {}'",
        user.serial,
        name(user)
    )
}

fn telecmi(base: &str, user: &User, signed: &Signed) -> String {
    let app_id = app_id(signed).unwrap_or_default();
    let extension = user.telephone.extension.map(|it| it.to_string()).unwrap_or_default();
    format!(
        "curl -X POST {base}/telecmi/v2/user/update -H 'content-type: application/json' \\\n  \
         -d '{{\"appid\":{app_id},\"secret\":\"SECRET\",\"id\":\"{extension}_{app_id}\",\
         \"name\":\"{}\"}}'",
        name(user)
    )
}

fn platform(base: &str, mount: &str, user: &User) -> String {
    format!(
        "curl -X PATCH {base}/{mount}/v1/user/{} -H 'Authorization: Bearer TOKEN' \\\n  \
         -H 'content-type: application/json' -d '{{\"name\":\"{}\"}}'",
        user.serial,
        name(user)
    )
}

fn commpeak(base: &str, user: &User) -> String {
    format!(
        "curl -X PUT {base}/commpeak/integrations/adapters/hook/users/{} -u 'USERNAME:PASSWORD' \\\n  \
         -H 'content-type: application/json' -d '{{\"is_active\":1}}'",
        user.serial
    )
}

fn native(base: &str, user: &User) -> String {
    format!(
        "curl -X PATCH {base}/api/v1/users/{} -H 'authorization: Bearer TOKEN' \\\n  \
         -H 'content-type: application/merge-patch+json' -d '{{\"presence\":\"break\"}}'",
        user.id
    )
}
