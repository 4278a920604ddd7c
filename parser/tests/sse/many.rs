//! Many generated streams against the standard written down step by step: `PUSHSPEC_STREAMS=10000000 cargo test
//! --release --test sse many -- --nocapture` for as many as there is time for.

use pushspec_parser::sse::{Decoder, EventStream, Fact, Limits, OwnedEvent};

use crate::generate::PIECES;
use crate::reference::interpret;

/// How many streams an ordinary run takes: less than a second in a debug build.
const ORDINARY: u64 = 10_000;

/// The generator of Steele, Lea and Flood: proptest's strategies would take most of the time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Sound lines, pieces that matter, a wild byte now and then; sometimes long enough to span the blocks of a SIMD
    /// search.
    fn body(&mut self, body: &mut Vec<u8>) {
        body.clear();
        let pieces = self.below(24);
        for _ in 0..pieces {
            match self.below(32) {
                0 => body.push(self.next() as u8),
                1 => body.extend(std::iter::repeat_n(b'x', self.below(140))),
                2..12 => {
                    const NAMES: [&str; 8] =
                        ["data", "data", "data", "event", "id", "retry", "", "other"];
                    body.extend_from_slice(NAMES[self.below(8)].as_bytes());
                    body.extend_from_slice([": ", ":", ":  ", ""][self.below(4)].as_bytes());
                    body.extend_from_slice(PIECES[self.below(PIECES.len())]);
                    body.extend_from_slice(["\n", "\r", "\r\n"][self.below(3)].as_bytes());
                }
                12..16 => {
                    body.extend_from_slice(["\n\n", "\r\r", "\r\n\r\n"][self.below(3)].as_bytes())
                }
                _ => body.extend_from_slice(PIECES[self.below(PIECES.len())]),
            }
        }
    }
}

/// Feeds `body` in chunks of at most `most` bytes.
fn chunks<'b>(body: &'b [u8], random: &mut Random, mut feed: impl FnMut(&'b [u8])) {
    let most = [1, 4, 16, 64, 4096][random.below(5)];
    let mut rest = body;
    while !rest.is_empty() {
        let len = (random.below(most) + 1).min(rest.len());
        feed(&rest[..len]);
        rest = &rest[len..];
    }
}

#[test]
fn many_streams_are_what_the_standard_makes_of_them() {
    let count = std::env::var("PUSHSPEC_STREAMS").map_or(ORDINARY, |count| count.parse().unwrap());
    let seed = std::env::var("PUSHSPEC_SEED").map_or(1, |seed| seed.parse().unwrap());
    let (mut body, mut events, mut bytes) = (Vec::new(), 0, 0);
    for stream in 0..count {
        let mut random = Random((seed << 40) + stream);
        random.body(&mut body);
        let expected = interpret(&body);
        let text = || format!("stream {stream} of seed {seed}: {}", body.escape_ascii());

        let mut everyday = EventStream::new();
        let mut seen = 0;
        chunks(&body, &mut random, |chunk| {
            let fed = everyday.feed(chunk, |event| {
                let wanted = expected.events.get(seen).map(OwnedEvent::as_event);
                assert_eq!(Some(event), wanted, "{}", text());
                seen += 1;
            });
            fed.unwrap();
        });
        assert_eq!(seen, expected.events.len(), "{}", text());
        everyday.finish();
        assert_eq!(
            everyday.last_event_id(),
            expected.last_event_id,
            "{}",
            text()
        );
        assert_eq!(everyday.retry(), expected.retry, "{}", text());

        let mut lossless = Decoder::new(Limits::default());
        let mut dispatched = 0;
        chunks(&body, &mut random, |chunk| {
            lossless.feed(chunk, |fact| {
                if let Fact::Dispatch(event) = fact {
                    let wanted = expected
                        .events
                        .get(dispatched)
                        .unwrap_or_else(|| panic!("{}", text()));
                    let lossy = String::from_utf8_lossy;
                    let name = match event.event {
                        b"" => "message".into(),
                        name => lossy(name),
                    };
                    let seen = (name, lossy(event.data), lossy(event.id));
                    let wanted = wanted.as_event();
                    let wanted = (wanted.event.into(), wanted.data.into(), wanted.id.into());
                    assert_eq!(seen, wanted, "{}", text());
                    dispatched += 1;
                }
            });
        });
        assert_eq!(dispatched, seen, "{}", text());
        events += seen;
        bytes += body.len();
    }
    println!("{count} streams of {bytes} bytes with {events} events: no difference");
}
