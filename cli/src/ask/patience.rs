//! How conversations end that a server does not want to go on with, on sockets of this machine: each way has its own reason.
//! (What only takes long is tried on a clock that runs faster, in probe/tests.)

use shared::evidence::SmtpSession;
use socket2::SockRef;

use super::tests::{asker, run_admitting};
use super::*;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How a server ends a conversation.
#[derive(Clone, Copy, Debug)]
enum End {
    /// It says so, and closes.
    Says(&'static str),
    /// It closes.
    Closes,
    /// It resets the connection.
    Resets,
    /// It says nothing more, but still listens.
    HalfCloses,
}

/// Greets unless it ends before, answers so many commands and ends.
async fn serve(listener: TcpListener, commands: Option<usize>, end: End) {
    let (stream, _) = listener.accept().await.unwrap();
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    if let Some(commands) = commands {
        stream.write_all(b"220 mx.h.test ESMTP\r\n").await.unwrap();
        for _ in 0..commands {
            line.clear();
            stream.read_line(&mut line).await.unwrap();
            let reply: &[u8] = if line.starts_with("EHLO") { b"250 mx.h.test\r\n" } else { b"502 no\r\n" };
            stream.write_all(reply).await.unwrap();
        }
        // The next command is heard: octets that nobody read would make a reset of every end.
        stream.read_line(&mut line).await.unwrap();
    }
    finish(stream, end).await;
}

async fn finish(mut stream: BufReader<TcpStream>, end: End) {
    match end {
        End::Says(text) => stream.write_all(text.as_bytes()).await.unwrap(),
        End::Closes => {}
        End::Resets => SockRef::from(stream.get_ref()).set_linger(Some(Duration::ZERO)).unwrap(),
        End::HalfCloses => {
            stream.shutdown().await.unwrap();
            let mut line = String::new();
            while stream.read_line(&mut line).await.is_ok_and(|count| count > 0) {}
        }
    }
}

/// The replies of a session and why it broke off, or why there is none.
type Want = Result<(usize, Option<Unseen>), Unseen>;

#[tokio::test]
async fn ways_to_end_a_conversation() {
    let busy = End::Says("421 4.7.0 mx.h.test Error: too many connections\r\n");
    let rows: &[(Option<usize>, End, Want)] = &[
        (None, busy, Ok((1, Some(Unseen::TryLater)))),
        (None, End::Says("554 5.7.1 go away\r\n"), Ok((1, Some(Unseen::ClientRefused)))),
        (None, End::Closes, Err(Unseen::Closed)),
        (None, End::Resets, Err(Unseen::Reset)),
        (None, End::HalfCloses, Err(Unseen::Closed)),
        (Some(0), End::Closes, Ok((1, Some(Unseen::Closed)))),
        (Some(1), End::Closes, Ok((2, Some(Unseen::Closed)))),
        (Some(1), End::Resets, Ok((2, Some(Unseen::Reset)))),
        (Some(1), End::HalfCloses, Ok((2, Some(Unseen::Closed)))),
        (Some(0), busy, Ok((2, Some(Unseen::TryLater)))),
        (Some(1), busy, Ok((3, Some(Unseen::TryLater)))),
        (Some(2), busy, Ok((4, Some(Unseen::TryLater)))),
        (Some(3), busy, Ok((5, Some(Unseen::TryLater)))),
    ];
    for (commands, end, want) in rows {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = listener.local_addr().unwrap();
        let script = Script::SmtpSurvey;
        let inquiry = Inquiry::Probe { address: peer.ip(), port: peer.port(), host: None, script: script.clone() };
        let run = run_admitting(true);
        let asker = asker(&run, true);
        let talk = asker.converse(&inquiry, peer, None, &script, 0);
        let (answer, ()) = tokio::join!(talk, serve(listener, *commands, *end));
        let replies = |session: &SmtpSession| session.exchanges.iter().filter(|e| e.reply.is_some()).count();
        let got = answer.map(|answer| match answer {
            Answer::Smtp(session) => (replies(&session), session.broke),
            other => panic!("{other:?}"),
        });
        assert_eq!(got, *want, "{commands:?} {end:?}");
    }
}
