//! Every way to cut a body that can be tried.

/// Bodies up to this length are cut at every place.
const EXHAUSTIVE: usize = 256;

/// How many seeded cuts longer bodies get, as long as that is not too much work.
const SEEDED: usize = 1_000;

/// The most bytes that all seeded cuts of one body may come to.
const WORK: usize = 16 << 20;

/// Calls `check` with the body whole, byte by byte, and cut once and twice: at every place, the beginning and the end
/// included (so that chunks may be empty), or at a thousand seeded pairs of places if it is long.
pub(crate) fn each(body: &[u8], mut check: impl FnMut(&[&[u8]])) {
    check(&[body]);
    check(&body.chunks(1).collect::<Vec<_>>());
    if body.len() <= EXHAUSTIVE {
        for first in 0..=body.len() {
            let (head, tail) = body.split_at(first);
            check(&[head, tail]);
            for second in 0..=tail.len() {
                let (middle, end) = tail.split_at(second);
                check(&[head, middle, end]);
            }
        }
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
    let mut count = 0;
    each(&[0; 257], |chunks| {
        assert_eq!(chunks.concat(), [0; 257]);
        count += 1;
    });
    assert_eq!(count, 2 + SEEDED);
}
