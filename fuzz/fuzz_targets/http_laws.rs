//! A head is the same whatever follows it, and partial at every byte before its end; chunks change no chunked body;
//! nothing grows beyond its limits.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pushspec_fuzz::cut;
use pushspec_parser::http::{
    BodyEvent, ChunkLimits, ChunkedDecoder, Extension, HeadLimits, HeadParse, Offer, ResponseHead,
    judge_upgrade, list_elements,
};

const OFFER: Offer<'_> = Offer {
    key: "dGhlIHNhbXBsZSBub25jZQ==",
    protocols: &["chat"],
    extensions: &["permessage-deflate"],
};

const SMALL: ChunkLimits = ChunkLimits {
    line: 24,
    trailers: 40,
};

/// What a body decoder tells, data joined, and how many bytes it took.
fn body(limits: ChunkLimits, chunks: &[&[u8]]) -> (Vec<u8>, Vec<String>, usize) {
    let mut decoder = ChunkedDecoder::new(limits);
    let (mut content, mut told, mut used) = (Vec::new(), Vec::new(), 0);
    for chunk in chunks {
        used += decoder.feed(chunk, |event| match event {
            BodyEvent::Data { bytes, .. } => content.extend_from_slice(bytes),
            other => told.push(format!("{other:?}")),
        });
    }
    told.extend(decoder.finish().map(|finding| finding.to_string()));
    (content, told, used)
}

fuzz_target!(|data: &[u8]| {
    let limits = HeadLimits::default();
    let whole = ResponseHead::parse(data, limits);
    if let HeadParse::Complete(head) = &whole {
        assert_eq!(ResponseHead::parse(&data[..head.len], limits), whole);
        for chunk in cut(&data[..head.len]).into_iter().rev().take(8) {
            let before = chunk.as_ptr() as usize - data.as_ptr() as usize;
            assert_eq!(
                ResponseHead::parse(&data[..before], limits),
                HeadParse::Partial
            );
        }
        for finding in judge_upgrade(head, &OFFER).iter().chain(&head.findings) {
            assert!(finding.offset <= head.len as u64);
        }
        for field in &head.fields {
            for element in list_elements(&field.value) {
                assert!(!element.is_empty());
                let _ = Extension::parse(element);
            }
        }
    }
    for limits in [ChunkLimits::default(), SMALL] {
        assert_eq!(body(limits, &cut(data)), body(limits, &[data]));
    }
});
