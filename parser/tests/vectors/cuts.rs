//! Every way to cut a body that can be tried.

use std::collections::BTreeSet;

/// Bodies up to this length are cut twice, at every pair of places.
const EVERY_PAIR: usize = 256;

/// Bodies up to this length are cut once at every place.
const EVERY_PLACE: usize = 8 << 10;

/// How many seeded pairs longer bodies get, as long as that is not too much work.
const SEEDED: usize = 1_000;

/// The most bytes that all seeded pairs of one body may come to.
const WORK: usize = 16 << 20;

/// The most bytes that all single cuts of a body over [`EVERY_PLACE`] should come to.
const WORK_ONCE: usize = 256 << 20;

/// Calls `check` with the body whole, byte by byte, and cut once and twice, at the beginning and the end too (so that
/// chunks may be empty). Long bodies are cut where something may happen, and at seeded pairs of places.
pub(crate) fn each(body: &[u8], mut check: impl FnMut(&[&[u8]])) {
    check(&[body]);
    check(&body.chunks(1).collect::<Vec<_>>());
    let every = body.len() <= EVERY_PLACE;
    let once: Vec<usize> = if every {
        (0..=body.len()).collect()
    } else {
        notable(body)
    };
    for first in once {
        let (head, tail) = body.split_at(first);
        check(&[head, tail]);
        for second in 0..=tail.len() {
            if body.len() > EVERY_PAIR {
                break;
            }
            let (middle, end) = tail.split_at(second);
            check(&[head, middle, end]);
        }
    }
    if body.len() <= EVERY_PAIR {
        return;
    }
    let mut random = body.len() as u64;
    let mut place = || (splitmix(&mut random) % (body.len() as u64 + 1)) as usize;
    for _ in 0..SEEDED.min(WORK / body.len()) {
        let (a, b) = (place(), place());
        let (first, second) = (a.min(b), a.max(b));
        check(&[&body[..first], &body[first..second], &body[second..]]);
    }
}

/// The places around powers that buffers have for sizes, and around every byte that is no plain text: of these the
/// first and the last, if they are too many.
fn notable(body: &[u8]) -> Vec<usize> {
    let around = |at: usize| at.saturating_sub(1)..=(at + 2).min(body.len());
    let sizes = [64, 256, 4 << 10, 16 << 10, 64 << 10];
    let sizes = sizes.into_iter().filter(|&size| size <= body.len());
    let mut places: BTreeSet<usize> = sizes.flat_map(around).collect();
    let is_plain = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b':';
    let others = |at: &usize| !is_plain(body[*at]);
    let half = (WORK_ONCE / body.len()).clamp(32, 1 << 10) / 2;
    places.extend((0..body.len()).filter(others).flat_map(around).take(half));
    let backwards = (0..body.len()).rev().filter(others);
    places.extend(backwards.flat_map(around).take(half));
    places.extend([0, body.len()]);
    places.into_iter().collect()
}

/// The generator of Steele, Lea and Flood, which needs no crate.
pub(crate) fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[test]
fn every_cut_is_tried() {
    let mut seen = Vec::new();
    each(b"ab", |chunks| {
        seen.push(chunks.iter().map(|chunk| chunk.len()).collect::<Vec<_>>())
    });
    for cut in [
        &[2][..],
        &[1, 1],
        &[0, 2],
        &[2, 0],
        &[0, 0, 2],
        &[0, 1, 1],
        &[1, 0, 1],
        &[1, 1, 0],
        &[2, 0, 0],
    ] {
        assert!(seen.iter().any(|lengths| lengths == cut), "{cut:?}");
    }
    for (len, cuts) in [
        (256, 2 + 257 + 257 * 258 / 2),
        (257, 2 + 258 + SEEDED),
        (8 << 10, 2 + 8193 + SEEDED),
    ] {
        let body = vec![b'x'; len];
        let mut count = 0;
        each(&body, |chunks| {
            assert_eq!(chunks.iter().map(|chunk| chunk.len()).sum::<usize>(), len);
            count += 1;
        });
        assert_eq!(count, cuts, "{len} bytes");
    }
}

#[test]
fn long_bodies_are_cut_where_something_may_happen() {
    let mut body = vec![b'x'; 100_000];
    body[70_000] = b'\n';
    let places = notable(&body);
    for place in [0, 64, 4096, 65_535, 65_536, 65_537, 70_000, 70_001, 100_000] {
        assert!(places.contains(&place), "{place}");
    }
    assert!(places.len() < 40);
    assert!(notable(&vec![b'\n'; 7 << 20]).len() < 100);
}
