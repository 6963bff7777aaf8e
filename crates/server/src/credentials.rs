//! The secrets of a new account as they are shown, for the only time.

use directory::Founded;
use serde_json::{Value, json};

/// A credential for every voice, as scripts read them.
pub(crate) fn json(founded: &Founded) -> Value {
    let (app_id, app_secret) = &founded.telecmi;
    let (username, password) = &founded.commpeak;
    json!({
        "native": { "token": founded.native.expose() },
        "callerdesk": { "authcode": founded.callerdesk.expose() },
        "telecmi": { "appid": app_id, "secret": app_secret.expose() },
        "acefone": { "token": founded.acefone.expose() },
        "smartflo": { "token": founded.smartflo.expose() },
        "commpeak": { "username": username, "password": password.expose() },
    })
}

/// The first administrator's sign-in.
pub(crate) fn console(founded: &Founded) -> Value {
    json!({ "login": founded.login, "password": founded.password.expose() })
}
