//! Is there an IPMI controller at this address? One datagram, no session, no
//! password.
//!
//! `ipmitool` prints the same line for a dead controller and for a wrong
//! password. Every session begins with a question that each controller must
//! answer to everybody (IPMI 2.0, 22.13 "Get Channel Authentication
//! Capabilities"); asking it first tells the two apart, and spares a dead
//! controller a process that waits for it.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::UdpSocket;

use crate::domain::{Cause, CauseWord};

/// RMCP header, session header without authentication, and the request for
/// this channel at administrator level, with both checksums.
const QUESTION: [u8; 23] = [
    0x06, 0x00, 0xff, 0x07, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0x09, 0x20, 0x18, 0xc8, 0x81, 0x00, 0x38,
    0x8e, 0x04, 0xb5,
];

/// How often the question is sent: datagrams get lost.
const TRIES: u32 = 2;

/// Asks the controller of `name` at `address` whether it is there; waits `patience` per try.
pub async fn knock(name: &str, address: (&str, u16), patience: Duration) -> Result<(), Cause> {
    let (host, port) = address;
    let found: Vec<SocketAddr> =
        tokio::net::lookup_host(address).await.map(Iterator::collect).unwrap_or_default();
    let Some(to) = found.first().copied() else {
        return Err(Cause::new(
            CauseWord::NameUnknown,
            format!("{name}: the name {host} has no address"),
            format!(
                "Look up {host} on this machine, or give the controller's address in the inventory"
            ),
        ));
    };
    let trouble = |error: std::io::Error| from_io(name, host, port, &error);
    let here = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(here).await.map_err(trouble)?;
    socket.connect(to).await.map_err(trouble)?;
    let mut answer = [0_u8; 256];
    for _ in 0..TRIES {
        socket.send(&QUESTION).await.map_err(trouble)?;
        match tokio::time::timeout(patience, socket.recv(&mut answer)).await {
            Ok(Ok(size)) if is_answer(answer.get(..size).unwrap_or_default()) => return Ok(()),
            Ok(Ok(_)) => {
                return Err(Cause::new(
                    CauseWord::Garbled,
                    format!("{name}: what answers on {host} UDP port {port} does not speak IPMI"),
                    "Check the address and the port of the controller",
                ));
            }
            Ok(Err(error)) => return Err(trouble(error)),
            Err(_) => {}
        }
    }
    Err(Cause::new(
        CauseWord::TimedOut,
        format!("{name} does not answer IPMI on {host} UDP port {port}"),
        "Check that IPMI over LAN is switched on in the controller, then its cable and power",
    ))
}

/// Whether it is the response to our question: the network function of
/// application responses and the command at their fixed places.
fn is_answer(datagram: &[u8]) -> bool {
    datagram.starts_with(&[0x06, 0x00, 0xff, 0x07])
        && datagram.get(15) == Some(&0x1c)
        && datagram.get(19) == Some(&0x38)
}

fn from_io(name: &str, host: &str, port: u16, error: &std::io::Error) -> Cause {
    use std::io::ErrorKind as Kind;
    match error.kind() {
        Kind::ConnectionRefused => Cause::new(
            CauseWord::Refused,
            format!("{name}: nothing listens for IPMI on {host} UDP port {port}"),
            "Switch on IPMI over LAN in the controller",
        ),
        Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown => Cause::new(
            CauseWord::NoRoute,
            format!("{name}: there is no way from here to {host}"),
            "Check this machine's address in the management network and its routes",
        ),
        _ => Cause::new(
            CauseWord::NoRoute,
            format!("{name}: {host} UDP port {port} cannot be reached: {error}"),
            "Check this machine's network",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_millis(150);

    #[test]
    fn the_checksums_of_the_question_hold() {
        let sum = |bytes: &[u8]| bytes.iter().fold(0_u8, |sum, b| sum.wrapping_add(*b));
        assert_eq!(sum(&QUESTION[14..17]), 0);
        assert_eq!(sum(&QUESTION[17..]), 0);
        assert_eq!(QUESTION[13] as usize, QUESTION.len() - 14);
    }

    #[tokio::test]
    async fn an_answer_a_stranger_silence_and_a_closed_port_differ() {
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let port = server.local_addr().unwrap().port();
        let serve = tokio::spawn(async move {
            let mut seen = [0_u8; 64];
            let mut reply = QUESTION.to_vec();
            reply[15] = 0x1c;
            let (size, from) = server.recv_from(&mut seen).await.unwrap();
            assert_eq!(&seen[..size], &QUESTION[..]);
            server.send_to(&reply, from).await.unwrap();
            let (_, from) = server.recv_from(&mut seen).await.unwrap();
            server.send_to(b"hello", from).await.unwrap();
            let _ = server.recv_from(&mut seen).await.unwrap();
            tokio::time::sleep(WAIT * 3).await;
        });
        let at = ("127.0.0.1", port);
        assert_eq!(knock("n1", at, Duration::from_secs(2)).await, Ok(()));
        let word = |result: Result<(), Cause>| result.unwrap_err().word;
        assert_eq!(word(knock("n1", at, Duration::from_secs(2)).await), CauseWord::Garbled);
        assert_eq!(word(knock("n1", at, WAIT).await), CauseWord::TimedOut);
        serve.await.unwrap();
        assert_eq!(word(knock("n1", at, WAIT).await), CauseWord::Refused);
        let nowhere = knock("n1", ("no.such.name.invalid", 623), WAIT).await;
        assert_eq!(word(nowhere), CauseWord::NameUnknown);
    }
}
