//! Scanning inside one header value: separators, quotes, tokens and parameters.
//! Not the header lines themselves; those are found in `message::scan`.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memchr3};

/// RFC 3261 section 25.1 `token`, as a table because it is asked for every byte of every name.
const TOKEN: [bool; 256] = alphanumeric_and(b"-.!%*_+`'~");
/// The bytes of host names and of addresses without brackets; underscores are met in the wild.
const HOST: [bool; 256] = alphanumeric_and(b".-_");

// Indexing in a constant: out of bounds would not compile.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler only")]
const fn alphanumeric_and(marks: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte.is_ascii() {
        table[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    let mut at = 0;
    while at < marks.len() {
        table[marks[at] as usize] = true;
        at += 1;
    }
    table
}

pub(crate) fn is_token_byte(byte: u8) -> bool {
    TOKEN.get(usize::from(byte)).copied().unwrap_or(false)
}

pub(crate) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|byte| is_token_byte(*byte))
}

/// Whether this may be a host's name or an address without brackets.
pub(crate) fn is_host(bytes: &[u8]) -> bool {
    let allowed = |byte: &u8| HOST.get(usize::from(*byte)).copied().unwrap_or(false);
    !bytes.is_empty() && bytes.iter().all(allowed)
}

pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Without leading and trailing white space.
pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    trim_end(trim_start(bytes))
}

/// Without leading white space.
pub(crate) fn trim_start(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_space(*first)
    {
        bytes = rest;
    }
    bytes
}

/// Without trailing white space.
pub(crate) fn trim_end(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., last] = bytes
        && is_space(*last)
    {
        bytes = rest;
    }
    bytes
}

/// The text, when it is UTF-8; most tokens are plain ASCII.
pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// A decimal number of digits only: no sign, no white space.
pub(crate) fn number(bytes: &[u8]) -> Option<u32> {
    if bytes.is_empty() {
        return None;
    }
    bytes.iter().try_fold(0_u32, |sum, byte| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

/// The number as delta-seconds: one too large for 32 bits counts as the largest
/// (RFC 3261 section 20.19 says such values are to be read as 2**32-1).
pub(crate) fn seconds(bytes: &[u8]) -> Option<u32> {
    let digits = !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
    digits.then(|| number(bytes).unwrap_or(u32::MAX))
}

/// Both sides of `separator`, at its first place.
pub(crate) fn split_once(bytes: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    split_at_byte(bytes, memchr(separator, bytes)?)
}

/// What stands before and after the byte at `at`.
pub(crate) fn split_at_byte(bytes: &[u8], at: usize) -> Option<(&[u8], &[u8])> {
    Some((bytes.get(..at)?, bytes.get(at + 1..)?))
}

/// Where `separator` first stands outside quoted strings and angle brackets.
pub(crate) fn find_outside(bytes: &[u8], separator: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        let found = at + memchr3(separator, b'"', b'<', bytes.get(at..)?)?;
        match bytes.get(found)? {
            b'"' if separator != b'"' => at = after_quoted(bytes, found + 1)?,
            b'<' if separator != b'<' => {
                at = found + 2 + memchr(b'>', bytes.get(found + 1..)?)?;
            }
            _ => return Some(found),
        }
    }
}

/// Where `separator` first stands outside quoted strings.
pub(crate) fn find_unquoted(bytes: &[u8], separator: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        let found = at + memchr2(separator, b'"', bytes.get(at..)?)?;
        if bytes.get(found) != Some(&b'"') {
            return Some(found);
        }
        at = after_quoted(bytes, found + 1)?;
    }
}

/// Whether every quoted string ends. A value that fails would swallow what we append to it.
pub(crate) fn quotes_are_closed(bytes: &[u8]) -> bool {
    let mut at = 0;
    while let Some(open) = bytes.get(at..).and_then(|rest| memchr(b'"', rest)) {
        match after_quoted(bytes, at + open + 1) {
            Some(end) => at = end,
            None => return false,
        }
    }
    true
}

/// The place after the closing quote of a quoted string whose text starts at `at`.
pub(crate) fn after_quoted(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let found = at + memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(found) == Some(&b'"') {
            return Some(found + 1);
        }
        at = found + 2;
    }
}

/// The inside of a quoted string, or the value itself when it is not quoted.
pub(crate) fn strip_quotes(bytes: &[u8]) -> &[u8] {
    match bytes {
        [b'"', inside @ .., b'"'] => inside,
        _ => bytes,
    }
}

/// Text with `\x` pairs resolved (RFC 3261 section 25.1 `quoted-pair`); bytes that are not UTF-8
/// show as replacement characters.
pub(crate) fn unescape(bytes: &[u8]) -> Cow<'_, str> {
    if memchr(b'\\', bytes).is_none() {
        return String::from_utf8_lossy(bytes);
    }
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        let kept = if *byte == b'\\' { rest.next().unwrap_or(byte) } else { byte };
        plain.push(*kept);
    }
    Cow::Owned(String::from_utf8_lossy(&plain).into_owned())
}

/// The elements of a comma-separated list, trimmed, empty ones left out.
#[derive(Clone, Debug)]
pub(crate) struct List<'a> {
    rest: &'a [u8],
    find_comma: fn(&[u8], u8) -> Option<usize>,
}

impl<'a> List<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, find_comma: find_outside }
    }

    /// A list whose elements hold no addresses: an angle bracket in it protects no comma.
    pub(crate) fn without_addresses(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, find_comma: find_unquoted }
    }
}

impl<'a> Iterator for List<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        while !self.rest.is_empty() {
            let cut =
                (self.find_comma)(self.rest, b',').and_then(|at| split_at_byte(self.rest, at));
            let (element, rest) = cut.unwrap_or((self.rest, &[]));
            self.rest = rest;
            let element = trim(element);
            if !element.is_empty() {
                return Some(element);
            }
        }
        None
    }
}
