//! Finding the operation a request asks for. It is no vendor's own.

use axum::http::Method;

/// One operation of a dialect: method, path below the mount, and which one it is. A segment in
/// braces takes any text.
pub struct Route<O: 'static> {
    pub method: Method,
    pub path: &'static str,
    pub operation: O,
}

/// What a method and path lead to.
#[derive(Debug, PartialEq, Eq)]
pub enum Routed<'a, O> {
    /// The operation, and the texts of the segments in braces, percent-decoded.
    Found(O, Vec<String>),
    /// The path exists under these methods only.
    WrongMethod(Vec<&'a Method>),
    Unknown,
}

/// Finds the operation. Paths compare without regard to capitals where the vendor's clients
/// disagree about them.
pub fn route<'a, O: Copy>(
    routes: &'a [Route<O>],
    method: &Method,
    path: &str,
    capitals_count: bool,
) -> Routed<'a, O> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let mut methods = Vec::new();
    for route in routes {
        let Some(texts) = matched(route.path, &segments, capitals_count) else { continue };
        if route.method == *method {
            return Routed::Found(route.operation, texts);
        }
        methods.push(&route.method);
    }
    if methods.is_empty() { Routed::Unknown } else { Routed::WrongMethod(methods) }
}

fn matched(pattern: &str, segments: &[&str], capitals_count: bool) -> Option<Vec<String>> {
    let wanted: Vec<&str> = pattern.split('/').collect();
    if wanted.len() != segments.len() {
        return None;
    }
    let mut texts = Vec::new();
    for (wanted, segment) in wanted.iter().zip(segments) {
        if wanted.starts_with('{') {
            let text = percent_encoding::percent_decode_str(segment).decode_utf8_lossy();
            texts.push(text.into_owned());
        } else if !(wanted == segment || !capitals_count && wanted.eq_ignore_ascii_case(segment)) {
            return None;
        }
    }
    Some(texts)
}
