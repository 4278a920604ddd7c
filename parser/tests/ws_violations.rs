//! Every WebSocket violation: the bytes that show it, where it is found, and a neighbour that is sound.

use std::collections::BTreeSet;

use pushspec_parser::Violation::{self, *};
use pushspec_parser::ws::{RSV1, Role, Session, SessionEvent, SessionLimits};

use Role::{Client, Server};

/// What `from` sends, the reserved bits that were negotiated, and all that is wrong with it.
struct Row {
    from: Role,
    rsv: u8,
    bytes: &'static [u8],
    found: &'static [(Violation, u64)],
}

const fn server(bytes: &'static [u8], found: &'static [(Violation, u64)]) -> Row {
    Row {
        from: Server,
        rsv: 0,
        bytes,
        found,
    }
}

const fn client(bytes: &'static [u8], found: &'static [(Violation, u64)]) -> Row {
    Row {
        from: Client,
        rsv: 0,
        bytes,
        found,
    }
}

const fn deflating(bytes: &'static [u8], found: &'static [(Violation, u64)]) -> Row {
    Row {
        from: Server,
        rsv: RSV1,
        bytes,
        found,
    }
}

const ROWS: &[Row] = &[
    // Masking, section 5.1.
    server(b"\x81\x01a", &[]),
    server(b"\x81\x81\0\0\0\0a", &[(MaskedByServer, 0)]),
    client(b"\x81\x81\0\0\0\0a", &[]),
    client(
        b"\x81\x01a\x89\x00",
        &[(UnmaskedByClient, 0), (UnmaskedByClient, 3)],
    ),
    // Reserved bits, section 5.2, and RSV1 with permessage-deflate, RFC 7692 section 6.1.
    server(b"\xc1\x01a", &[(ReservedBits, 0)]),
    server(
        b"\x81\x00\xa2\x00\x92\x00",
        &[(ReservedBits, 2), (ReservedBits, 4)],
    ),
    deflating(b"\xc1\x01a", &[]),
    deflating(b"\xa1\x01a", &[(ReservedBits, 0)]),
    deflating(b"\xe1\x01a", &[(ReservedBits, 0)]),
    deflating(b"\xc9\x00", &[(Rsv1OnControl, 0)]),
    deflating(b"\x89\x00", &[]),
    deflating(b"\x41\x00\xc0\x00", &[(Rsv1OnContinuation, 2)]),
    deflating(b"\x41\x00\x80\x00", &[]),
    // Compressed bytes need not be UTF-8.
    deflating(b"\xc1\x01\xff", &[]),
    deflating(b"\x81\x01\xff", &[(TextNotUtf8, 2)]),
    // Opcodes.
    server(
        b"\x83\x00\x8b\x01a\x82\x00",
        &[(ReservedOpcode, 0), (ReservedOpcode, 2)],
    ),
    server(
        b"\x87\x00\x8f\x00",
        &[(ReservedOpcode, 0), (ReservedOpcode, 2)],
    ),
    // Lengths.
    server(b"\x82\x7e\x00\x01a", &[(LengthNotMinimal, 0)]),
    server(b"\x82\x7f\0\0\0\0\0\0\0\x01a", &[(LengthNotMinimal, 0)]),
    server(b"\x82\x7f\0\0\0\0\0\0\xff\xff", &[(LengthNotMinimal, 0)]),
    server(b"\x82\x7f\0\0\0\0\0\x01\0\0", &[]),
    server(b"\x82\x7e\x00\x7e", &[]),
    server(b"\x82\x7e\x00\x7d", &[(LengthNotMinimal, 0)]),
    server(b"\x82\x7f\x80\0\0\0\0\0\0\0", &[(LengthTopBit, 0)]),
    server(
        b"\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff",
        &[(LengthTopBit, 0)],
    ),
    server(b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", &[]),
    // Control frames, sections 5.4 and 5.5.
    server(b"\x89\x7e\x00\x7e", &[(ControlTooLong, 0)]),
    server(b"\x89\x7d", &[]),
    server(
        b"\x8b\x7e\x00\x7e",
        &[(ReservedOpcode, 0), (ControlTooLong, 0)],
    ),
    server(b"\x09\x00", &[(ControlFragmented, 0)]),
    server(b"\x08\x00", &[(ControlFragmented, 0)]),
    server(
        b"\x0a\x00\x80\x00",
        &[(ControlFragmented, 0), (ContinuationWithoutStart, 2)],
    ),
    // Sequences, section 5.4.
    server(b"\x80\x01a", &[(ContinuationWithoutStart, 0)]),
    server(
        b"\x00\x00\x80\x00",
        &[(ContinuationWithoutStart, 0), (ContinuationWithoutStart, 2)],
    ),
    server(b"\x01\x01a\x89\x00\x00\x00\x8a\x01x\x80\x01b\x81\x00", &[]),
    server(b"\x81\x00\x80\x00", &[(ContinuationWithoutStart, 2)]),
    server(b"\x01\x01a\x81\x01b\x80\x01c", &[(DataInsideMessage, 3)]),
    server(
        b"\x01\x01a\x02\x01\xff\x80\x01\xff",
        &[(DataInsideMessage, 3)],
    ),
    server(
        b"\x02\x00\x82\x00\x82\x00\x80\x00",
        &[(DataInsideMessage, 2), (DataInsideMessage, 4)],
    ),
    // Text, sections 5.6 and 8.1: the offset is that of the first ill-formed sequence.
    server(b"\x81\x04\xf0\x9f\x98\x80", &[]),
    server(b"\x81\x03a\xff\xfe", &[(TextNotUtf8, 3)]),
    server(b"\x81\x03a\xe2\x82", &[(TextNotUtf8, 3)]),
    server(b"\x01\x01\xe2\x00\x01\x82\x80\x01\xac", &[]),
    server(b"\x01\x02a\xe2\x00\x01\x82\x80\x00", &[(TextNotUtf8, 3)]),
    server(b"\x01\x02a\xe2\x00\x01\x28\x80\x00", &[(TextNotUtf8, 3)]),
    server(b"\x01\x01\xff\x80\x01\xff", &[(TextNotUtf8, 2)]),
    server(b"\x81\x03\xed\xa0\x80", &[(TextNotUtf8, 2)]),
    server(b"\x81\x04\xf4\x90\x80\x80", &[(TextNotUtf8, 2)]),
    server(b"\x81\x02\xc0\x80", &[(TextNotUtf8, 2)]),
    server(b"\x82\x01\xff\x02\x00\x80\x01\xff", &[]),
    // A whole message inside a cut character of another.
    server(
        b"\x01\x01\xe2\x81\x01b\x80\x02\x82\xac",
        &[(DataInsideMessage, 3)],
    ),
    client(b"\x81\x83\x01\x02\x03\x04\x60\xfd\xfc", &[(TextNotUtf8, 7)]),
    // Close, sections 5.5.1 and 7.4.
    server(b"\x88\x00", &[]),
    server(b"\x88\x02\x03\xe8", &[]),
    server(b"\x88\x01\x03", &[(CloseBodyOneByte, 2)]),
    server(b"\x88\x04\x03\xe8ok", &[]),
    server(b"\x88\x04\x03\xe8o\xff", &[(CloseReasonNotUtf8, 5)]),
    server(b"\x88\x03\x03\xe8\xc3", &[(CloseReasonNotUtf8, 4)]),
    server(b"\x88\x02\x00\x00", &[(CloseCodeUnused, 2)]),
    server(b"\x88\x02\x03\xe7", &[(CloseCodeUnused, 2)]),
    server(b"\x88\x02\x03\xec", &[(CloseCode1004, 2)]),
    server(b"\x88\x02\x03\xed", &[(CloseCode1005, 2)]),
    server(b"\x88\x02\x03\xee", &[(CloseCode1006, 2)]),
    server(b"\x88\x02\x03\xf2", &[(CloseCode1010ByServer, 2)]),
    client(b"\x88\x82\0\0\0\0\x03\xf2", &[]),
    server(b"\x88\x02\x03\xf6", &[]),
    server(b"\x88\x02\x03\xf7", &[(CloseCode1015, 2)]),
    server(b"\x88\x02\x03\xf8", &[(CloseCodeReserved, 2)]),
    server(b"\x88\x02\x0b\xb7", &[(CloseCodeReserved, 2)]),
    server(b"\x88\x02\x0b\xb8", &[]),
    server(b"\x88\x02\x13\x87", &[]),
    server(b"\x88\x02\x13\x88", &[]),
    server(b"\x88\x02\xff\xff", &[]),
    // Behind the sender's own Close.
    server(b"\x88\x00\x8a\x00\x89\x00", &[]),
    server(
        b"\x88\x00\x88\x00\x88\x00",
        &[(SecondClose, 2), (SecondClose, 4)],
    ),
    server(b"\x88\x00\x81\x00", &[(DataAfterClose, 2)]),
    server(b"\x01\x00\x88\x00\x80\x00", &[(DataAfterClose, 4)]),
    server(
        b"\x88\x00\x83\x00",
        &[(ReservedOpcode, 2), (DataAfterClose, 2)],
    ),
    // All at once.
    server(
        b"\x88\x00\x78\xfe\x00\x01\0\0\0\0a",
        &[
            (MaskedByServer, 2),
            (ReservedBits, 2),
            (LengthNotMinimal, 2),
            (ControlFragmented, 2),
            (SecondClose, 2),
            (CloseBodyOneByte, 10),
        ],
    ),
];

fn judge(row: &Row) -> Vec<(Violation, u64)> {
    let mut session = Session::new(row.from, SessionLimits::default()).with_allowed_rsv(row.rsv);
    let mut found = Vec::new();
    let mut on = |event: SessionEvent<'_>| {
        if let SessionEvent::Violation(finding) = event {
            found.push((finding.violation, finding.offset));
        }
    };
    session.feed(row.bytes, &mut on);
    session.finish(&mut on);
    found
}

#[test]
fn each_row_has_exactly_its_violations() {
    for row in ROWS {
        assert_eq!(
            judge(row),
            row.found,
            "{:02x?} from {:?}",
            row.bytes,
            row.from
        );
    }
}

#[test]
fn each_websocket_violation_is_seen() {
    let seen: BTreeSet<_> = ROWS
        .iter()
        .flat_map(|row| row.found)
        .map(|(violation, _)| *violation)
        .collect();
    let end = Violation::ALL
        .iter()
        .position(|&violation| violation == HttpStatusLine)
        .unwrap();
    let all: BTreeSet<_> = Violation::ALL[..end].iter().copied().collect();
    assert_eq!(seen, all);
}
