//! Attended transfer while the second call still rings: who waits talks to whoever picks up.

use domain::call::CallResult;
use sip::{HeaderName, Message, Method};

use crate::attended::{ROUNDS, follow, office, refer_to, renegotiates};
use crate::line::{Line, connect};
use crate::office::Office;
use crate::phone::{ANSWER, Phone, SDP, show};

async fn phones(office: &Office) -> [Phone; 3] {
    [office.registered(1).await, office.registered(2).await, office.registered(3).await]
}

/// Ravi talks to Asha, and his call to Mina rings.
struct Consultation {
    asha: Phone,
    ravi: Phone,
    mina: Phone,
    asha_line: Line,
    to_asha: Line,
    /// His INVITE and hers.
    calling: Message,
    ringing: Message,
    to_mina: Line,
}

impl Consultation {
    async fn begin([mut asha, mut ravi, mut mina]: [Phone; 3]) -> Self {
        let (asha_line, to_asha) = connect(&mut asha, &mut ravi, "202").await;
        let rings = async {
            let invite = mina.request(Method::Invite).await;
            mina.reply(&invite, 180, "").await;
            invite
        };
        let ((calling, progress), ringing) = tokio::join!(ravi.call("203"), rings);
        assert_eq!(progress.status().unwrap().code(), 180);
        let header = |message: &Message, name| {
            String::from_utf8(message.header(name).unwrap().to_vec()).unwrap()
        };
        let to_mina = Line {
            local: header(&calling, HeaderName::From),
            remote: header(&progress, HeaderName::To),
            ..ravi.called_line(calling.clone())
        };
        Self { asha, ravi, mina, asha_line, to_asha, calling, ringing, to_mina }
    }

    fn phones(self) -> [Phone; 3] {
        [self.asha, self.ravi, self.mina]
    }

    async fn refer(&mut self) {
        let refer = refer_to("203", &self.to_mina);
        self.ravi.within(&mut self.to_asha, Method::Refer, &refer, "").await;
        self.ravi.answer_of(202).await;
    }

    /// Mina picks up, and she and Asha are brought together.
    async fn picks_up((mina, ringing): (&mut Phone, &Message), asha: &mut Phone) {
        mina.reply(ringing, 200, ANSWER).await;
        mina.request(Method::Ack).await;
        let ((offered, answered), (asked, _)) =
            tokio::join!(renegotiates(mina, SDP), renegotiates(asha, ANSWER));
        assert!(offered.body().is_empty(), "{}", show(&offered));
        assert_eq!(asked.body(), SDP.as_bytes());
        assert_eq!(answered.body(), ANSWER.as_bytes());
    }
}

/// Is told by NOTIFY and the end of his own INVITE how it went: the last status of both.
pub(crate) async fn is_told(phone: &mut Phone, invite: &Message, hung_up: usize) -> (u16, u16) {
    let (mut byes, mut told, mut refused) = (0, None, None);
    while byes < hung_up || told.is_none() || refused.is_none() {
        let message = phone.receive().await;
        if !message.is_request() {
            let status = message.status().unwrap();
            if status.is_final() && message.cseq().method == Method::Invite {
                phone.acknowledge_refusal(invite, &message).await;
                refused = Some(status.code());
            }
            continue;
        }
        phone.reply(&message, 200, "").await;
        match message.method() {
            Method::Bye => byes += 1,
            Method::Notify => {
                let status = sip::dialog::sipfrag_status(message.body()).unwrap();
                told = status.is_final().then(|| status.code()).or(told);
            }
            _ => panic!("{}", show(&message)),
        }
    }
    (told.unwrap(), refused.unwrap())
}

#[tokio::test]
async fn who_picks_up_talks_to_the_one_who_waits() {
    let office = office().await;
    let mut phones = phones(&office).await;
    for round in 0..ROUNDS {
        let mut it = Consultation::begin(phones).await;
        it.refer().await;
        // A phone may end its own call as soon as the transfer is taken, or leave that to us.
        if round.is_multiple_of(2) {
            it.ravi.cancel(&it.calling).await;
        }
        let (told, ()) = tokio::join!(
            is_told(&mut it.ravi, &it.calling, 1),
            Consultation::picks_up((&mut it.mina, &it.ringing), &mut it.asha)
        );
        assert_eq!(told, (200, 487));
        assert_eq!(office.calls.live_calls(None).await.len(), 1);
        assert_eq!([1, 2, 3].map(|it| office.calls.facts(&office.user(it)).calls), [1, 0, 1]);
        tokio::join!(it.asha.hang_up(&mut it.asha_line), it.mina.is_hung_up());
        assert_eq!([1, 2, 3].map(|it| office.calls.facts(&office.user(it)).calls), [0; 3]);
        phones = it.phones();
    }
    let records = office.records();
    assert_eq!(records.len(), 2 * ROUNDS);
    assert!(records.iter().all(|record| record.result == CallResult::Answered));
}

#[tokio::test]
async fn the_two_talk_on_when_nobody_picks_up() {
    let office = office().await;
    let mut phones = phones(&office).await;
    for _ in 0..ROUNDS {
        let mut it = Consultation::begin(phones).await;
        it.refer().await;
        let declines = async {
            it.mina.reply(&it.ringing, 486, "").await;
            it.mina.request(Method::Ack).await;
        };
        let (told, ()) = tokio::join!(is_told(&mut it.ravi, &it.calling, 0), declines);
        assert_eq!(told, (486, 486));
        it.asha.within(&mut it.asha_line, Method::Info, &[], "").await;
        let info = it.ravi.request(Method::Info).await;
        it.ravi.reply(&info, 200, "").await;
        it.asha.answer_of(200).await;
        tokio::join!(it.ravi.hang_up(&mut it.to_asha), it.asha.is_hung_up());
        assert_eq!([1, 2, 3].map(|it| office.calls.facts(&office.user(it)).calls), [0; 3]);
        phones = it.phones();
    }
}

#[tokio::test]
async fn a_call_rings_on_for_its_caller_when_the_one_who_waits_hangs_up() {
    let office = office().await;
    let mut phones = phones(&office).await;
    for _ in 0..ROUNDS {
        let mut it = Consultation::begin(phones).await;
        it.refer().await;
        let (status, ()) =
            tokio::join!(follow(&mut it.ravi, 1), it.asha.hang_up(&mut it.asha_line));
        assert_eq!(status, 487);
        it.mina.reply(&it.ringing, 200, ANSWER).await;
        it.mina.request(Method::Ack).await;
        let answered = it.ravi.answer_of(200).await;
        let mut line = it.ravi.calling_line(it.calling.clone(), &answered).await;
        tokio::join!(it.ravi.hang_up(&mut line), it.mina.is_hung_up());
        assert_eq!([1, 2, 3].map(|it| office.calls.facts(&office.user(it)).calls), [0; 3]);
        phones = it.phones();
    }
}

#[tokio::test]
async fn nobody_is_left_ringing_when_both_have_gone() {
    let office = office().await;
    let mut phones = phones(&office).await;
    for _ in 0..ROUNDS {
        let mut it = Consultation::begin(phones).await;
        it.refer().await;
        it.ravi.cancel(&it.calling).await;
        let stops = async {
            let cancel = it.mina.request(Method::Cancel).await;
            it.mina.reply(&cancel, 200, "").await;
            it.mina.reply(&it.ringing, 487, "").await;
            it.mina.request(Method::Ack).await;
        };
        let (told, (), ()) = tokio::join!(
            is_told(&mut it.ravi, &it.calling, 1),
            it.asha.hang_up(&mut it.asha_line),
            stops
        );
        assert_eq!(told, (487, 487));
        assert_eq!(office.calls.live_calls(None).await.len(), 0);
        assert_eq!([1, 2, 3].map(|it| office.calls.facts(&office.user(it)).calls), [0; 3]);
        phones = it.phones();
    }
}

#[tokio::test]
async fn a_call_that_was_to_ring_still_is_not_joined_once_it_talks() {
    let office = office().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let mut mina = office.registered(3).await;
    let (mut asha_line, mut to_asha) = connect(&mut asha, &mut ravi, "202").await;
    let (mut to_mina, _) = connect(&mut ravi, &mut mina, "203").await;
    let mut refer = refer_to("203", &to_mina);
    refer[0].1 = refer[0].1.replace('>', "%3Bearly-only>");
    ravi.within(&mut to_asha, Method::Refer, &refer, "").await;
    ravi.answer_of(202).await;
    assert_eq!(follow(&mut ravi, 0).await, 486);
    tokio::join!(asha.hang_up(&mut asha_line), ravi.is_hung_up());
    tokio::join!(ravi.hang_up(&mut to_mina), mina.is_hung_up());
}
