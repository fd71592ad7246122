//! Good dialogues that are broken off behind each of their octets in turn.

use shared::evidence::{LineStep, Step, TlsFault};
use shared::inquiry::Script;
use shared::{Answer, Unseen};

use crate::peer::Act::{self, *};
use crate::row::{end_of, recipients};
use crate::{Ended, MEMORY_MAX, alone, certificates, play};

/// Are these the same, but for the last exchange of the first, which has no reply? Times differ.
fn is_beginning(part: &Answer, whole: &Answer) -> bool {
    match (part, whole) {
        (Answer::Smtp(part), Answer::Smtp(whole)) => {
            part.exchanges.iter().zip(&whole.exchanges).enumerate().all(|(at, (one, other))| {
                let last = at + 1 == part.exchanges.len() && one.reply.is_none();
                (one.step, &one.sent) == (other.step, &other.sent) && (last || one.reply == other.reply)
            })
        }
        (Answer::Lines(part), Answer::Lines(whole)) => {
            part.exchanges.iter().zip(&whole.exchanges).enumerate().all(|(at, (one, other))| {
                let last = at + 1 == part.exchanges.len() && one.reply.is_none();
                (one.step, &one.sent) == (other.step, &other.sent) && (last || one.reply == other.reply)
            })
        }
        _ => false,
    }
}

fn at_farewell(answer: &Answer) -> bool {
    match answer {
        Answer::Smtp(session) => session.exchanges.last().is_some_and(|last| last.step == Step::Quit),
        Answer::Lines(session) => session.exchanges.last().is_some_and(|last| last.step == LineStep::Logout),
        _ => false,
    }
}

#[test]
fn behind_each_octet() {
    let _alone = alone();
    let dialogues: [(Script, Act); 5] = [
        (Script::SmtpSurvey, Say("220 mx.h.test ESMTP")),
        (recipients(), Say("220 mx.h.test")),
        (Script::ImapSurvey, Say("* OK hi")),
        (Script::PopSurvey, Say("+OK hi")),
        (Script::SieveSurvey, Say("\"SIEVE\" \"fileinto\"\r\n\"SASL\" {0}\r\n\r\nOK")),
    ];
    for (script, greeting) in dialogues {
        let acts = [greeting, Good(99)];
        let Ended { answer: whole, marks, sent, .. } = play(&script, false, &acts, None);
        let whole = whole.unwrap();
        assert_eq!(end_of(&Ok(whole.clone())), Ok((marks.len(), None)), "{script:?}");
        for (cut, reset) in (1..=sent).flat_map(|cut| [(cut, false), (cut, true)]) {
            let ended = play(&script, false, &acts, Some((cut, reset)));
            let why = if reset { Unseen::Reset } else { Unseen::Closed };
            let replies = marks.iter().filter(|end| **end <= cut).count();
            let end = end_of(&ended.answer);
            let place = format!("{script:?}, {cut} of {sent}, {why:?}: {:?}", ended.answer);
            assert!(
                ended.took < 2_000 && ended.memory < MEMORY_MAX,
                "{} ms, {} octets, {place}",
                ended.took,
                ended.memory
            );
            match ended.answer {
                Err(got) => assert!(replies == 0 && got == why, "{place}"),
                Ok(answer) => {
                    assert!(replies > 0 && is_beginning(&answer, &whole), "{place}");
                    // Our farewell wants no reply.
                    let broke = (!at_farewell(&answer)).then_some(why);
                    assert_eq!(end, Ok(((replies + 1).min(marks.len()), broke)), "{place}");
                }
            }
        }
    }
}

/// Behind every fiftieth octet of a handshake: signatures take their time.
#[test]
fn in_the_handshake() {
    let _alone = alone();
    let acts = [Say("220 mx.h.test"), Good(8), certificates::plain(), Good(9)];
    let whole = play(&Script::SmtpSurvey, true, &acts, None);
    assert_eq!(end_of(&whole.answer), Ok((11, None)));
    let clear = whole.marks[8];
    assert!(clear < whole.flight && whole.flight < whole.sent);
    let cuts = (clear..whole.flight).step_by(50).chain([whole.flight - 1, whole.flight, whole.flight + 1]);
    for (cut, reset) in cuts.flat_map(|cut| [(cut, false), (cut, true)]) {
        let ended = play(&Script::SmtpSurvey, true, &acts, Some((cut, reset)));
        let place = format!("{cut} of {}, {reset}: {:?}", whole.sent, ended.answer);
        let Ok(Answer::Smtp(session)) = ended.answer else { panic!("{place}") };
        let tls = session.tls.as_ref().unwrap();
        if cut < whole.flight {
            assert_eq!((session.broke, tls.secured().err()), (None, Some(TlsFault::Closed)), "{place}");
        } else {
            let why = if reset { Unseen::Reset } else { Unseen::Closed };
            assert_eq!((session.broke, tls.secured().err()), (Some(why), None), "{place}");
        }
    }
}
