//! A message for the next page: "saved", "undone", with the cookie it travels in.

use axum::http::HeaderMap;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::cookies::{Cookie, FLASH, forget, read};

/// Browsers keep cookies of 4,096 bytes; percent-encoding may triple it.
const FLASH_CHARACTERS_MAX: usize = 900;
/// Long enough for a slow redirect.
const FLASH_SECONDS: i64 = 60;

/// One message, and whether it is good news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flash {
    pub(crate) is_good: bool,
    pub(crate) text: String,
}

impl Flash {
    pub(crate) fn good(text: impl Into<String>) -> Self {
        Self { is_good: true, text: text.into() }
    }

    pub(crate) fn bad(text: impl Into<String>) -> Self {
        Self { is_good: false, text: text.into() }
    }

    pub(crate) fn take(headers: &HeaderMap) -> Option<Self> {
        let value = read(headers, FLASH)?;
        let (kind, text) = value.split_once('.')?;
        let text = percent_decode_str(text).decode_utf8().ok()?.into_owned();
        Some(Self { is_good: kind == "good", text })
    }

    pub(crate) fn put(&self, headers: &mut HeaderMap, tls: bool) {
        let kind = if self.is_good { "good" } else { "bad" };
        let short: String = self.text.chars().take(FLASH_CHARACTERS_MAX).collect();
        let text = utf8_percent_encode(&short, NON_ALPHANUMERIC);
        let value = format!("{kind}.{text}");
        Cookie { name: FLASH, value: &value, seconds: Some(FLASH_SECONDS) }.set(headers, tls);
    }

    pub(crate) fn clear(headers: &mut HeaderMap, tls: bool) {
        forget(FLASH, headers, tls);
    }
}
