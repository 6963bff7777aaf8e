//! Cookies in and out: always for the whole site, never for scripts, never from another site.

use axum::http::{HeaderMap, HeaderValue, header};

/// The session.
pub(crate) const SESSION: &str = "rollcall_session";
/// Somebody who has not signed in yet; his forms are bound to it.
pub(crate) const VISIT: &str = "rollcall_visit";
/// A message for the next page.
pub(crate) const FLASH: &str = "rollcall_flash";
/// The columns a user has chosen for the list of users.
pub(crate) const COLUMNS: &str = "rollcall_columns";

/// How long a chosen set of columns is remembered.
pub(crate) const YEAR_SECONDS: i64 = 365 * 24 * 60 * 60;

/// The value of a cookie, where the browser sent it.
pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|it| it.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value)
}

/// One `Set-Cookie`. Values are tokens, digits or percent-encoded text.
pub(crate) struct Cookie<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
    /// `None`: until the browser is closed. 0 forgets it.
    pub(crate) seconds: Option<i64>,
}

impl Cookie<'_> {
    pub(crate) fn set(&self, headers: &mut HeaderMap, tls: bool) {
        let age = self.seconds.map(|it| format!("; Max-Age={it}")).unwrap_or_default();
        let secure = if tls { "; Secure" } else { "" };
        let (name, value) = (self.name, self.value);
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{age}{secure}");
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.append(header::SET_COOKIE, value);
        }
    }
}

/// Has the browser forget a cookie.
pub(crate) fn forget(name: &str, headers: &mut HeaderMap, tls: bool) {
    Cookie { name, value: "", seconds: Some(0) }.set(headers, tls);
}
