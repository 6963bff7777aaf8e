//! Phones that register: REGISTER, challenge, REGISTER with the answer, 200.

use std::io;
use std::ops::Range;

use sip::Message;

use crate::drive::{Step, Work};
use crate::phone::{DOMAIN, Line, Request, authorization, challenge, first_line, name};

/// What the phones want of the registrar.
#[derive(Clone, Copy)]
pub(crate) enum Wish {
    /// To be reached at this socket.
    Bind,
    /// That their user is reached nowhere any more (RFC 3261 section 10.2.2): what an earlier run
    /// has left behind would ring, too.
    Clear,
}

/// Users in turn, each with one phone and one Call-ID as phones have (RFC 3261 section 10.2.4).
pub(crate) struct Registering {
    line: Line,
    first: u32,
    wish: Wish,
    /// The `CSeq` number each phone used last.
    numbers: Vec<u32>,
    run: u32,
}

impl Registering {
    pub(crate) fn new(line: Line, users: Range<u32>) -> Self {
        let first = users.start;
        Self {
            line,
            first,
            wish: Wish::Bind,
            numbers: vec![0; users.len()],
            run: std::process::id(),
        }
    }

    pub(crate) fn wishing(mut self, wish: Wish) -> Self {
        self.wish = wish;
        self
    }

    /// The socket at which the phones can be reached afterwards.
    pub(crate) fn into_line(self) -> Line {
        self.line
    }

    fn send(&mut self, index: usize, challenge: Option<&[u8]>) -> io::Result<()> {
        let Some(number) = self.numbers.get_mut(index) else { return Ok(()) };
        *number += 1;
        let number = *number;
        let user = self.first + u32::try_from(index).unwrap_or_default();
        let name = name(user);
        let uri = format!("sip:{DOMAIN}");
        let address = format!("<sip:{name}@{DOMAIN}>");
        let call_id = format!("{index}-{}@register", self.run);
        let credentials =
            challenge.map(|it| authorization(it, user, ("REGISTER", &uri), 1)).unwrap_or_default();
        let contact = match self.wish {
            Wish::Bind => format!("Contact: <{}>\r\nExpires: 3600\r\n", self.line.contact(user)),
            Wish::Clear => "Contact: *\r\nExpires: 0\r\n".to_owned(),
        };
        let further = format!("{contact}{credentials}");
        let request = Request {
            method: "REGISTER",
            uri: &uri,
            branch: &format!("{call_id}{number}"),
            from: &format!("{address};tag={number}"),
            to: &address,
            call_id: &call_id,
            number,
        };
        self.line.request(&request, &further, "")
    }

    /// Whose answer this is, when it is to the last request of a phone.
    fn index_of(&self, message: &Message) -> Option<usize> {
        let call_id = std::str::from_utf8(message.call_id()).ok()?;
        let index = call_id.split_once('-')?.0.parse().ok()?;
        (*self.numbers.get(index)? == message.cseq().number).then_some(index)
    }
}

impl Work for Registering {
    fn begin(&mut self, number: u64) -> io::Result<()> {
        let turn = number % self.numbers.len().max(1) as u64;
        self.send(usize::try_from(turn).unwrap_or_default(), None)
    }

    fn take(&mut self) -> io::Result<Step> {
        let Some(message) = self.line.receive()? else { return Ok(Step::Idle) };
        let Some(index) = self.index_of(&message) else { return Ok(Step::Underway) };
        match message.status().map(sip::Status::code) {
            Some(200) => Ok(Step::Completed),
            Some(401) => match challenge(&message) {
                Some(challenge) => {
                    self.send(index, Some(&challenge))?;
                    Ok(Step::Underway)
                }
                None => Ok(Step::Failed(first_line(&message))),
            },
            Some(100..200) => Ok(Step::Underway),
            _ => Ok(Step::Failed(first_line(&message))),
        }
    }
}
