//! The `;name=value` parameters behind a URI or a header value, read on demand.
//! No meaning is given to any of them here.

use std::borrow::Cow;

use crate::lex;

/// Parameters as they stand in the message (RFC 3261 section 25.1 `generic-param`,
/// `uri-parameter`). A parameter that is not UTF-8 is passed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Params<'a>(&'a [u8]);

/// One parameter. The value is as written, quotes included; see [`Param::text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param<'a> {
    /// The name as written; compare it without regard to case.
    pub name: &'a str,
    /// What stands after `=`, when there is one.
    pub value: Option<&'a str>,
}

impl<'a> Params<'a> {
    /// Parameters from text such as `;lr;transport=tcp`; a leading semicolon is optional.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The text as it stands in the message.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    /// Every parameter in order (RFC 3261 section 7.3.1).
    pub fn iter(&self) -> ParamIter<'a> {
        ParamIter { pieces: Pieces { rest: self.0 } }
    }

    /// The named parameter, case ignored; the first one when a peer repeats it.
    pub fn find(&self, name: &str) -> Option<Param<'a>> {
        self.named(name).next()
    }

    /// Every parameter of that name, case ignored, should a peer repeat it.
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = Param<'a>> {
        let same = |piece: &&[u8]| piece_name(piece).eq_ignore_ascii_case(name.as_bytes());
        Pieces { rest: self.0 }.filter(same).filter_map(param)
    }

    /// Every parameter with its name, exactly as written, for copying; also those that are not UTF-8.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        Pieces { rest: self.0 }.map(|piece| (piece_name(piece), lex::trim(piece)))
    }

    /// Whether the parameter is there, with or without value.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The parameter's value, surrounding quotes taken off, escapes left as written.
    pub fn value(&self, name: &str) -> Option<&'a str> {
        self.find(name)?.bare_value()
    }

    /// The parameter's value as a number.
    pub fn number(&self, name: &str) -> Option<u32> {
        lex::number(self.value(name)?.as_bytes())
    }
}

impl<'a> IntoIterator for &Params<'a> {
    type Item = Param<'a>;
    type IntoIter = ParamIter<'a>;

    fn into_iter(self) -> ParamIter<'a> {
        self.iter()
    }
}

impl<'a> Param<'a> {
    /// The value with surrounding quotes taken off, escapes left as written.
    pub fn bare_value(&self) -> Option<&'a str> {
        let value = self.value?;
        Some(value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value))
    }

    /// The value with quotes and escapes resolved.
    pub fn text(&self) -> Option<Cow<'a, str>> {
        let value = self.value?.as_bytes();
        let inside = lex::strip_quotes(value);
        if inside.len() == value.len() {
            return self.value.map(Cow::Borrowed);
        }
        Some(lex::unescape(inside))
    }
}

/// Iterator over [`Params`].
#[derive(Clone, Debug)]
pub struct ParamIter<'a> {
    pieces: Pieces<'a>,
}

impl<'a> Iterator for ParamIter<'a> {
    type Item = Param<'a>;

    fn next(&mut self) -> Option<Param<'a>> {
        self.pieces.find_map(param)
    }
}

/// What stands between the semicolons, not looked into.
#[derive(Clone, Debug)]
struct Pieces<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let cut =
            lex::find_unquoted(self.rest, b';').and_then(|at| lex::split_at_byte(self.rest, at));
        let (piece, rest) = cut.unwrap_or((self.rest, &[]));
        self.rest = rest;
        Some(piece)
    }
}

fn piece_name(piece: &[u8]) -> &[u8] {
    lex::trim(lex::split_once(piece, b'=').map_or(piece, |(name, _)| name))
}

fn param(piece: &[u8]) -> Option<Param<'_>> {
    let name = lex::text(piece_name(piece))?;
    let value = match lex::split_once(piece, b'=') {
        Some((_, value)) => Some(lex::text(lex::trim(value))?),
        None => None,
    };
    (!name.is_empty()).then_some(Param { name, value })
}
