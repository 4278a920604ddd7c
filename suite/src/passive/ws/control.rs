//! Checks that record pings and pongs: neither fails alone, for a stray pong and a server's ping are legal.

use super::overheard::Overheard;
use crate::declared::Reading;
use crate::passive::{Inspected, Sighting};
use pushspec_parser::ws::Opcode;
use pushspec_reports::{Verdict, printable};

/// Each pong is matched with a ping of ours that went before; each ping has one pong.
pub(super) fn pong_matches(overheard: &Overheard<'_>, _: &Reading) -> Inspected {
    let mut inspected = Inspected::default();
    let mut answered = vec![false; overheard.ours.frames.len()];
    for (_, pong) in overheard.frames() {
        if pong.header.opcode != Opcode::PONG || overheard.is_at_fault(pong) {
            continue;
        }
        inspected.bytes += pong.bytes();
        let pings = || {
            let sent = overheard.ours.frames.iter().enumerate();
            sent.filter(|(_, sent)| {
                sent.header.opcode == Opcode::PING
                    && sent.event < pong.event
                    && sent.payload == pong.payload
            })
        };
        let due = pings().find(|(index, _)| !answered[*index]);
        if let Some((index, _)) = due {
            answered[index] = true;
            continue;
        }
        let payload = printable(&pong.payload, 40);
        let (observed, requirement) = match pings().next() {
            Some(_) => (
                format!("a ping \"{payload}\" was answered more than once"),
                "rfc6455/5.5.3/unsolicited-pong",
            ),
            None => (
                format!("a pong \"{payload}\" answers no ping of ours"),
                "rfc6455/5.5.3/unsolicited-pong",
            ),
        };
        inspected.sightings.push(Sighting {
            verdict: Verdict::Info,
            observed,
            requirement: Some(requirement),
            spot: Some(overheard.spot(pong.offset)),
        });
    }
    inspected
}

/// Records pings, and whether we answered them: not once we had closed or broken something on purpose.
pub(super) fn server_ping(overheard: &Overheard<'_>, _: &Reading) -> Inspected {
    let mut inspected = Inspected::default();
    for (_, ping) in overheard.frames() {
        if ping.header.opcode != Opcode::PING || overheard.is_at_fault(ping) {
            continue;
        }
        inspected.bytes += ping.bytes();
        let answered = overheard.ours.frames.iter().any(|sent| {
            sent.header.opcode == Opcode::PONG
                && sent.event > ping.event
                && sent.payload == ping.payload
        });
        inspected.sightings.push(Sighting {
            verdict: Verdict::Info,
            observed: format!(
                "the target sent a ping \"{}\", which was {}",
                printable(&ping.payload, 40),
                if answered { "answered" } else { "not answered" }
            ),
            requirement: None,
            spot: Some(overheard.spot(ping.offset)),
        });
    }
    inspected
}
