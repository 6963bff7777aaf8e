//! What one request asks of one field: keep it, clear it, or set it.
//! Not a double `Option`: three states have three names.

/// What a request asks to do with one field (RFC 7396: absent, null, value).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// The request did not mention the field.
    #[default]
    Keep,
    /// The request asked for no value.
    Clear,
    /// The request gave a value.
    Set(T),
}

impl<T> Change<T> {
    /// The value an optional field has afterwards.
    #[must_use]
    pub fn over(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The value a field has afterwards whose cleared state is `empty`.
    #[must_use]
    pub fn over_default(self, current: T, empty: T) -> T {
        match self {
            Self::Keep => current,
            Self::Clear => empty,
            Self::Set(value) => value,
        }
    }

    #[must_use]
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// The value, where the request gave one.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Keep | Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Change<U> {
        match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::Set(value) => Change::Set(convert(value)),
        }
    }
}

impl<T> From<Option<T>> for Change<T> {
    /// `None` clears: for restoring a whole state, not for reading a request.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Clear, Self::Set)
    }
}
