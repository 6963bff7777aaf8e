//! Bencoding, as the relay's control protocol writes it.

use std::collections::BTreeMap;

/// Lists and dictionaries inside each other; answers have two levels.
const DEPTH_MAX: u8 = 8;

pub(super) type Dict = BTreeMap<Vec<u8>, Value>;

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(Vec<u8>),
    Number(i64),
    List(Vec<Value>),
    Dict(Dict),
}

impl Value {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.as_bytes().to_vec())
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => encode_text(text, out),
            Self::Number(number) => out.extend_from_slice(format!("i{number}e").as_bytes()),
            Self::List(items) => {
                out.push(b'l');
                for item in items {
                    item.encode(out);
                }
                out.push(b'e');
            }
            Self::Dict(entries) => {
                out.push(b'd');
                for (key, value) in entries {
                    encode_text(key, out);
                    value.encode(out);
                }
                out.push(b'e');
            }
        }
    }

    /// Reads one value; what stands behind it is ignored.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        decode(bytes, 0).map(|(value, _)| value)
    }
}

fn encode_text(text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(format!("{}:", text.len()).as_bytes());
    out.extend_from_slice(text);
}

fn decode(bytes: &[u8], depth: u8) -> Option<(Value, &[u8])> {
    if depth > DEPTH_MAX {
        return None;
    }
    match bytes {
        [b'i', rest @ ..] => {
            let (digits, rest) = split(rest, b'e')?;
            let number = std::str::from_utf8(digits).ok()?.parse().ok()?;
            Some((Value::Number(number), rest))
        }
        [b'l', rest @ ..] => {
            let (mut items, mut rest) = (Vec::new(), rest);
            while rest.first() != Some(&b'e') {
                let (item, behind) = decode(rest, depth + 1)?;
                items.push(item);
                rest = behind;
            }
            Some((Value::List(items), rest.get(1..)?))
        }
        [b'd', rest @ ..] => {
            let (mut entries, mut rest) = (Dict::new(), rest);
            while rest.first() != Some(&b'e') {
                let (key, behind) = decode_text(rest)?;
                let (value, behind) = decode(behind, depth + 1)?;
                entries.insert(key, value);
                rest = behind;
            }
            Some((Value::Dict(entries), rest.get(1..)?))
        }
        _ => decode_text(bytes).map(|(text, rest)| (Value::Text(text), rest)),
    }
}

fn decode_text(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let (digits, rest) = split(bytes, b':')?;
    let length: usize = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let (text, rest) = rest.split_at_checked(length)?;
    Some((text.to_vec(), rest))
}

fn split(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let position = bytes.iter().position(|byte| *byte == at)?;
    Some((bytes.get(..position)?, bytes.get(position + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let list = Value::List(vec![Value::text("demux"), Value::Number(-7)]);
        let value = Value::Dict(Dict::from([(b"rtcp-mux".to_vec(), list)]));
        let mut out = Vec::new();
        value.encode(&mut out);
        assert_eq!(out, b"d8:rtcp-muxl5:demuxi-7eee");
        assert_eq!(Value::decode(&out), Some(value));
    }

    #[test]
    fn what_is_broken_or_too_deep_is_nothing() {
        for bytes in [&b"d"[..], b"5:abc", b"i5", b"l", b"99999999999999999999:a", b"", b"dli1eee"]
        {
            assert_eq!(Value::decode(bytes), None);
        }
        assert_eq!(Value::decode(&[b'l'; 100]), None);
    }
}
