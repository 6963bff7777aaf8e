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
        ParamIter { pieces: Pieces::of(self.0) }
    }

    /// The named parameter, case ignored; the first one when a peer repeats it.
    pub fn find(&self, name: &str) -> Option<Param<'a>> {
        self.named(name).find_map(Piece::param)
    }

    /// The values of every parameter of that name, case ignored, should a peer repeat it; quotes are
    /// taken off, escapes left as written.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = Option<&'a str>> {
        self.named(name).filter_map(|piece| match piece.value {
            Some(value) => lex::text(value).map(|value| Some(bare(value))),
            None => Some(None),
        })
    }

    /// Every parameter with its name, exactly as written, for copying; also those that are not UTF-8.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        Pieces::of(self.0).map(|piece| (piece.name, lex::trim(piece.text)))
    }

    /// Whether the parameter is there, with or without value.
    pub fn has(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    /// The parameter's value, surrounding quotes taken off, escapes left as written.
    pub fn value(&self, name: &str) -> Option<&'a str> {
        self.values(name).next()?
    }

    /// The parameter's value as a number.
    pub fn number(&self, name: &str) -> Option<u32> {
        lex::number(self.value(name)?.as_bytes())
    }

    fn named(&self, name: &str) -> impl Iterator<Item = Piece<'a>> {
        Pieces::of(self.0).filter(move |piece| piece.name.eq_ignore_ascii_case(name.as_bytes()))
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
        self.value.map(bare)
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
        self.pieces.find_map(Piece::param)
    }
}

/// What stands between the semicolons, one parameter at a time.
#[derive(Clone, Debug)]
struct Pieces<'a> {
    rest: &'a [u8],
}

/// One parameter as bytes.
#[derive(Clone, Copy)]
struct Piece<'a> {
    text: &'a [u8],
    name: &'a [u8],
    value: Option<&'a [u8]>,
}

impl<'a> Pieces<'a> {
    fn of(params: &'a [u8]) -> Self {
        Self { rest: params.strip_prefix(b";").unwrap_or(params) }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let cut =
            lex::find_unquoted(self.rest, b';').and_then(|at| lex::split_at_byte(self.rest, at));
        let (text, rest) = cut.unwrap_or((self.rest, &[]));
        self.rest = rest;
        Some(Piece::of(text))
    }
}

impl<'a> Piece<'a> {
    fn of(text: &'a [u8]) -> Self {
        match lex::split_once(text, b'=') {
            Some((name, value)) => {
                Self { text, name: lex::trim(name), value: Some(lex::trim(value)) }
            }
            None => Self { text, name: lex::trim(text), value: None },
        }
    }

    /// As text; `None` where there is no name, or anything is not UTF-8.
    fn param(self) -> Option<Param<'a>> {
        let name = lex::text(self.name)?;
        let value = match self.value {
            Some(value) => Some(lex::text(value)?),
            None => None,
        };
        (!name.is_empty()).then_some(Param { name, value })
    }
}

fn bare(value: &str) -> &str {
    value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value)
}
