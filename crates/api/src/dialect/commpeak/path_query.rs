//! CommPeak's query language in the path, `limit/50;0/is_active/1`, each value with an operator
//! behind a semicolon — <https://docs.commpeak.com/reference/common-api-useful-examples> (read
//! 2026-11). What a field is, its list knows.

use std::cmp::Ordering;

use super::Asked;
use super::users::bad;
use crate::reply::Reply;

/// Rows a page holds at most, and where no limit is asked for.
const LIMIT_MAX: usize = 500;

/// What a path asks for.
pub(super) struct PathQuery {
    pub(super) limit: usize,
    pub(super) offset: usize,
    /// A field and what it is held against, in the order of the path.
    pub(super) filters: Vec<(String, Comparison)>,
}

/// What a text is held against; without an operator, equality.
pub(super) struct Comparison {
    pub(super) value: String,
    operator: Operator,
}

enum Operator {
    Compared(fn(Ordering) -> bool),
    NotEqual,
    /// With `%` at either end for any text.
    Like,
}

impl PathQuery {
    /// Limit and offset are also taken from the query string.
    pub(super) fn parse(asked: &Asked<'_>, segments: &[String]) -> Result<Self, Reply> {
        let mut query = Self { limit: LIMIT_MAX, offset: 0, filters: Vec::new() };
        if segments.len() % 2 == 1 {
            return Err(bad("A filter needs a value: field/value"));
        }
        for pair in segments.chunks_exact(2) {
            let [name, value] = pair else { continue };
            query.take(name, value)?;
        }
        for name in ["limit", "offset"] {
            if let Some(value) = asked.incoming.query(name) {
                query.take(name, value)?;
            }
        }
        Ok(query)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Reply> {
        match name {
            "limit" => {
                let (limit, offset) = value.split_once(';').unwrap_or((value, ""));
                self.limit = whole(name, limit)?;
                // Fewer than asked for would look like the last page.
                if self.limit > LIMIT_MAX {
                    return Err(bad(&format!("limit must be at most {LIMIT_MAX}")));
                }
                if !offset.is_empty() {
                    self.offset = whole(name, offset)?;
                }
            }
            "offset" => self.offset = whole(name, value)?,
            _ => self.filters.push((name.to_owned(), Comparison::parse(value)?)),
        }
        Ok(())
    }
}

fn whole(name: &str, text: &str) -> Result<usize, Reply> {
    let number = text.parse::<u32>().map(|number| number as usize);
    number.map_err(|_| bad(&format!("{name} must be a whole number")))
}

impl Comparison {
    fn parse(value: &str) -> Result<Self, Reply> {
        let (value, operator) = value.rsplit_once(';').unwrap_or((value, "="));
        let operator = match operator.trim().to_ascii_lowercase().as_str() {
            "=" | "" => Operator::Compared(Ordering::is_eq),
            "!=" | "<>" => Operator::NotEqual,
            ">" => Operator::Compared(Ordering::is_gt),
            "<" => Operator::Compared(Ordering::is_lt),
            ">=" => Operator::Compared(Ordering::is_ge),
            "<=" => Operator::Compared(Ordering::is_le),
            "like" => Operator::Like,
            _ => return Err(bad(&format!("Unknown operator: {operator}"))),
        };
        Ok(Self { value: value.to_owned(), operator })
    }

    /// Of several texts one has to match; for "not equal", all.
    pub(super) fn holds(&self, texts: &[String]) -> bool {
        match self.operator {
            Operator::Compared(holds) => texts.iter().any(|text| holds(self.compared(text))),
            Operator::NotEqual => texts.iter().all(|text| self.compared(text).is_ne()),
            Operator::Like => texts.iter().any(|text| self.is_like(text)),
        }
    }

    /// Whether nothing before the value can match, and nothing behind it.
    pub(super) fn bounds(&self) -> (bool, bool) {
        match self.operator {
            Operator::Compared(holds) => (!holds(Ordering::Less), !holds(Ordering::Greater)),
            Operator::NotEqual | Operator::Like => (false, false),
        }
    }

    /// Numbers compare as numbers, everything else as text.
    fn compared(&self, own: &str) -> Ordering {
        match (own.parse::<i64>(), self.value.parse::<i64>()) {
            (Ok(own), Ok(wanted)) => own.cmp(&wanted),
            _ => own.cmp(self.value.as_str()),
        }
    }

    fn is_like(&self, own: &str) -> bool {
        let (own, wanted) = (own.to_lowercase(), self.value.to_lowercase());
        let inside = wanted.trim_matches('%');
        match (wanted.starts_with('%'), wanted.ends_with('%')) {
            (true, true) => own.contains(inside),
            (true, false) => own.ends_with(inside),
            (false, true) => own.starts_with(inside),
            (false, false) => own == wanted,
        }
    }
}
