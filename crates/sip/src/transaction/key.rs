//! What makes two messages belong to one transaction (RFC 3261 sections 17.1.3 and 17.2.3).

use crate::{HeaderName, Message, Method};

/// The bytes a transaction is found by. Built in a buffer that look-ups use again and again.
pub(super) fn server_key(request: &Message, method: Method, key: &mut Vec<u8>) {
    key.clear();
    key.push(b's');
    match request.unique_branch() {
        Some(branch) => {
            let via = request.via();
            push(key, branch.as_bytes());
            push_lower(key, via.host);
            key.extend_from_slice(&via.port.unwrap_or(5060).to_be_bytes());
        }
        None => older_key(request, key),
    }
    push_method(request, method, key);
}

/// Clients choose branches themselves, so the branch alone tells them apart.
pub(super) fn client_key(branch: &str, method: &str, key: &mut Vec<u8>) {
    key.clear();
    key.push(b'c');
    push(key, branch.as_bytes());
    push(key, method.as_bytes());
}

/// The same for a response.
pub(super) fn client_key_of(response: &Message, key: &mut Vec<u8>) {
    let method = match response.method() {
        Method::Other => response.method_text(),
        known => known.token(),
    };
    client_key(response.branch().unwrap_or_default(), method, key);
}

/// RFC 2543 clients: Request-URI, From tag, Call-ID, `CSeq` number and topmost Via. The To tag is
/// left out, so that the ACK for a final response is found by the same key.
fn older_key(request: &Message, key: &mut Vec<u8>) {
    push(key, request.uri_text().as_bytes());
    push(key, request.from_tag().unwrap_or_default().as_bytes());
    push(key, request.call_id());
    key.extend_from_slice(&request.cseq().number.to_be_bytes());
    push(key, request.values(HeaderName::Via).next().unwrap_or_default());
}

fn push_method(message: &Message, method: Method, key: &mut Vec<u8>) {
    match method {
        Method::Other => push(key, message.method_text().as_bytes()),
        known => push(key, known.token().as_bytes()),
    }
}

/// Parts end with a byte no part can hold, so that no two lists of parts look alike.
fn push(key: &mut Vec<u8>, part: &[u8]) {
    key.extend_from_slice(part);
    key.push(b'\n');
}

fn push_lower(key: &mut Vec<u8>, part: &str) {
    key.extend(part.bytes().map(|byte| byte.to_ascii_lowercase()));
    key.push(b'\n');
}
