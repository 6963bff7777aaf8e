//! The dialogs one INVITE of ours may set up when proxies fork it (RFC 3261 section 13.2.2.4).
//! Ringing several devices with an INVITE each is the caller's work.

use super::{Dialog, DialogError, Opening};
use crate::{Message, Status};

/// Dialogs of one INVITE. Real forks have a handful of branches; a peer that invents tags gets no
/// more.
pub const FORKS_MAX: usize = 16;

/// All dialogs of one INVITE.
#[derive(Debug, Default)]
pub struct Forks {
    dialogs: Vec<Dialog>,
    /// Where the winner stands in the list.
    winner: Option<usize>,
}

/// What a response meant for the dialogs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fork {
    /// No dialog: a 100, a refusal, or a provisional response without tag or contact.
    None,
    /// A dialog is early.
    Early,
    /// The first 2xx: this dialog is the call. Acknowledge it.
    Won,
    /// The winner's 2xx again: send the same ACK again.
    Repeated,
    /// Another branch answered too: acknowledge it and send it a BYE (section 13.2.2.4).
    Extra,
    /// More branches than [`FORKS_MAX`]; ignore it.
    TooMany,
}

impl Forks {
    /// Takes a response to the INVITE (RFC 3261 sections 12.1.2 and 13.2.2). An error means a 2xx
    /// that no dialog can be made of.
    pub fn receive(&mut self, invite: &Opening, response: &Message) -> Result<Fork, DialogError> {
        let Some(status) = response.status() else { return Ok(Fork::None) };
        if status.is_success() {
            return self.accepted(invite, response);
        }
        if status.is_final() || status == Status::TRYING {
            return Ok(Fork::None);
        }
        match self.find_or_insert(invite, response) {
            Ok(Some(_)) => Ok(Fork::Early),
            Ok(None) => Ok(Fork::TooMany),
            // Provisional responses need neither tag nor contact.
            Err(DialogError::Tag | DialogError::Contact | DialogError::Route) => Ok(Fork::None),
        }
    }

    /// The dialog a response belongs to.
    pub fn dialog_mut(&mut self, response: &Message) -> Option<&mut Dialog> {
        self.dialogs.iter_mut().find(|dialog| dialog.id().is_of_response(response))
    }

    /// Every dialog so far.
    pub fn dialogs(&self) -> &[Dialog] {
        &self.dialogs
    }

    /// The dialog that became the call; the others may be dropped when the INVITE's transaction has
    /// ended.
    pub fn into_winner(self) -> Option<Dialog> {
        self.dialogs.into_iter().nth(self.winner?)
    }

    fn accepted(&mut self, invite: &Opening, response: &Message) -> Result<Fork, DialogError> {
        let Some(at) = self.find_or_insert(invite, response)? else {
            return Ok(Fork::TooMany);
        };
        if let Some(dialog) = self.dialogs.get_mut(at) {
            dialog.receive_response(response);
        }
        Ok(match self.winner {
            None => {
                self.winner = Some(at);
                Fork::Won
            }
            Some(winner) if winner == at => Fork::Repeated,
            Some(_) => Fork::Extra,
        })
    }

    /// Where the response's dialog stands in the list; `None` when there are too many.
    fn find_or_insert(
        &mut self,
        invite: &Opening,
        response: &Message,
    ) -> Result<Option<usize>, DialogError> {
        response.to_tag().ok_or(DialogError::Tag)?;
        let known = self.dialogs.iter().position(|dialog| dialog.id().is_of_response(response));
        if known.is_some() {
            return Ok(known);
        }
        if self.dialogs.len() == FORKS_MAX {
            return Ok(None);
        }
        self.dialogs.push(Dialog::calling(invite, response)?);
        Ok(Some(self.dialogs.len() - 1))
    }
}
