//! The dialogs one INVITE of ours may set up when proxies fork it (RFC 3261 section 13.2.2.4).
//! Ringing several devices with an INVITE each is the caller's work.

use super::{Dialog, DialogError, DialogId};
use crate::{Message, Status};

/// Dialogs of one INVITE. Real forks have a handful of branches; a peer that invents tags gets no
/// more.
pub const FORKS_MAX: usize = 16;

/// All dialogs of one INVITE.
#[derive(Debug, Default)]
pub struct Forks {
    dialogs: Vec<Dialog>,
    winner: Option<DialogId>,
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
    pub fn receive(&mut self, invite: &Message, response: &Message) -> Result<Fork, DialogError> {
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
        let id = DialogId::of_response(response)?;
        self.dialogs.iter_mut().find(|dialog| *dialog.id() == id)
    }

    /// Every dialog so far.
    pub fn dialogs(&self) -> &[Dialog] {
        &self.dialogs
    }

    /// The dialog that became the call; the others may be dropped when the INVITE's transaction has
    /// ended.
    pub fn into_winner(self) -> Option<Dialog> {
        let winner = self.winner?;
        self.dialogs.into_iter().find(|dialog| *dialog.id() == winner)
    }

    fn accepted(&mut self, invite: &Message, response: &Message) -> Result<Fork, DialogError> {
        let Some(dialog) = self.find_or_insert(invite, response)? else {
            return Ok(Fork::TooMany);
        };
        dialog.receive_response(response);
        let id = dialog.id().clone();
        Ok(match &self.winner {
            None => {
                self.winner = Some(id);
                Fork::Won
            }
            Some(winner) if *winner == id => Fork::Repeated,
            Some(_) => Fork::Extra,
        })
    }

    fn find_or_insert(
        &mut self,
        invite: &Message,
        response: &Message,
    ) -> Result<Option<&mut Dialog>, DialogError> {
        let id = DialogId::of_response(response).ok_or(DialogError::Tag)?;
        if let Some(at) = self.dialogs.iter().position(|dialog| *dialog.id() == id) {
            return Ok(self.dialogs.get_mut(at));
        }
        if self.dialogs.len() == FORKS_MAX {
            return Ok(None);
        }
        self.dialogs.push(Dialog::calling(invite, response)?);
        Ok(self.dialogs.last_mut())
    }
}
